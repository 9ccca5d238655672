use std::time::{Duration, Instant};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use serde_json::json;

use super::{Checked, Guard, GuardError, Limits};

fn check(text: &str) -> Result<Checked, GuardError> {
    check_with(text, json!({}))
}

fn check_with(text: &str, variables: serde_json::Value) -> Result<Checked, GuardError> {
    Guard::new(Limits::default()).check(text, None, &Variables::from_json(variables))
}

fn cost(text: &str) -> u64 {
    check(text).unwrap().cost
}

fn refused(text: &str) -> String {
    let error = check(text).unwrap_err();
    format!("{}: {error}", error.code())
}

#[test]
fn fragments_that_double_are_refused_in_milliseconds() {
    let mut text = "{ ...f0 }".to_owned();
    for level in 0..24 {
        text += &format!("fragment f{level} on Q{{...f{next} ...f{next}}}", next = level + 1);
    }
    text += "fragment f24 on Q{a}";
    assert!(text.len() < 900);
    let started = Instant::now();
    assert_eq!(
        refused(&text),
        format!("DOCUMENT_TOO_COMPLEX: The document has {} fields; 500 are allowed", {
            // Each level counts both spreads and what they expand to.
            (0..24).fold(1_u64, |below, _| 2 * (below + 1)) + 1
        })
    );
    assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
}

#[test]
fn a_fragment_that_meets_itself_is_refused_even_unused() {
    let text = "{ a } fragment x on Q { ...y } fragment y on Q { b { ...x } }";
    assert!(refused(text).starts_with("GRAPHQL_VALIDATION_FAILED: The fragment "));
}

#[test]
fn a_chain_of_fragments_cannot_exhaust_the_stack() {
    let mut text = "{ ...f0 }".to_owned();
    for level in 0..900 {
        text += &format!("fragment f{level} on Q{{...f{}}}", level + 1);
    }
    text += "fragment f900 on Q{a}";
    assert!(
        refused(&text).starts_with("DOCUMENT_TOO_COMPLEX: The document has 31 levels, spreads included,")
    );
}

#[test]
fn deep_brackets_are_refused_before_they_are_parsed() {
    for open in ["{a", "{a(b:[", "{a(b:{c:"] {
        assert!(refused(&open.repeat(3_000)).starts_with("DOCUMENT_TOO_COMPLEX: The document nests"));
    }
    let values = format!("{{ a(b: {}1{}) }}", "[".repeat(9_000), "]".repeat(9_000));
    assert!(refused(&values).starts_with("DOCUMENT_TOO_COMPLEX: The document nests"));
}

#[test]
fn a_long_document_is_refused_unread() {
    assert_eq!(
        refused(&"x".repeat(32 * 1024 + 1)),
        "DOCUMENT_TOO_COMPLEX: The document is longer than 32768 bytes"
    );
}

#[test]
fn depth_counts_through_fragments() {
    let deep = |levels: usize| format!("{{ {}a{} }}", "a { ".repeat(levels - 1), " }".repeat(levels - 1));
    assert!(check(&deep(12)).is_ok());
    assert_eq!(
        refused(&deep(13)),
        "DOCUMENT_TOO_COMPLEX: The document has 13 levels of selections; 12 are allowed"
    );
    let split = "{ a { a { a { a { a { a { ...f } } } } } } } fragment f on T { a { a { a { a { a { a { a } } } } } } }";
    assert!(refused(split).contains("13 levels of selections"));
}

#[test]
fn aliases_and_directives_count_after_expansion() {
    let aliases = |count: usize| {
        format!(
            "{{ ...f ...f }} fragment f on Q {{ {} }}",
            (0..count).map(|n| format!("a{n}: b ")).collect::<String>()
        )
    };
    assert!(check(&aliases(15)).is_ok());
    assert_eq!(refused(&aliases(16)), "DOCUMENT_TOO_COMPLEX: The document has 32 aliases; 30 are allowed");

    let directives = |fields: usize| format!("{{ {} }}", "a @a @b @c @d @e ".repeat(fields));
    assert!(check(&directives(10)).is_ok());
    assert!(refused(&directives(11)).contains("55 directives"));
    assert!(refused("{ a @a @b @c @d @e @f }").contains("6 directives in one place"));
    assert!(refused("query @a @b @c @d @e @f { a }").contains("6 directives in one place"));
}

#[test]
fn a_mutation_does_at_most_ten_things() {
    let mutation =
        |fields: usize| format!("mutation {{ {} ...f }} fragment f on M {{ a }}", "a ".repeat(fields - 1));
    assert_eq!(check(&mutation(10)).unwrap().root_fields.len(), 10);
    assert!(refused(&mutation(11)).contains("11 mutations in one operation"));
}

#[test]
fn a_subscription_has_one_root_field() {
    assert_eq!(check("subscription { a }").unwrap().kind, OperationType::Subscription);
    assert!(refused("subscription { a b }").starts_with("GRAPHQL_VALIDATION_FAILED"));
}

#[test]
fn the_operation_is_chosen_by_name() {
    let guard = Guard::new(Limits::default());
    let choose = |text: &str, name: Option<&str>| guard.check(text, name, &Variables::default());
    let two = "query A { a } mutation B { b { c } }";
    let chosen = choose(two, Some("B")).unwrap();
    assert_eq!((chosen.kind, chosen.name.as_deref(), chosen.cost), (OperationType::Mutation, Some("B"), 1));
    assert!(matches!(choose(two, None), Err(GuardError::OperationNameRequired)));
    assert!(matches!(choose(two, Some("C")), Err(GuardError::UnknownOperation(_))));
    assert!(matches!(choose("{ a }", Some("A")), Err(GuardError::UnknownOperation(_))));
    assert_eq!(choose("query A { a }", None).unwrap().name.as_deref(), Some("A"));
}

#[test]
fn what_is_not_graphql_says_where() {
    let error: async_graphql::ServerError = check("{ a ").unwrap_err().into();
    assert_eq!(error.locations.len(), 1);
    assert_eq!(serde_json::to_value(&error.extensions).unwrap(), json!({ "code": "GRAPHQL_PARSE_FAILED" }));
}

#[test]
fn leaves_are_free_and_objects_are_not() {
    assert_eq!(cost("{ a b }"), 0);
    assert_eq!(cost("{ a { b } c { d { e } } }"), 3);
}

#[test]
fn a_connection_costs_its_entries() {
    assert_eq!(cost("{ orders(first: 10) { totalCount pageInfo { a } nodes { id } } }"), 1 + 1 + 10);
    assert_eq!(cost("{ orders(last: 10) { edges { cursor node { id } } } }"), 1 + 10);
    assert_eq!(
        cost("{ orders(first: 10) { nodes { lines(first: 5) { nodes { item { id } } } } } }"),
        1 + 10 * (2 + 5 * 2)
    );
    assert_eq!(cost("{ orders { nodes { id } } }"), 1 + 25, "without a size, the page that is given");
    assert_eq!(cost("{ recent(first: 10) { id supplier { id } } }"), 1 + 10, "a plain list with a size");
    assert_eq!(cost(r#"{ nodes(ids: ["a", "b"]) { id supplier { id } } }"#), 1 + 2);
}

#[test]
fn a_connection_in_a_fragment_costs_the_same() {
    let text = "{ orders(first: 10) { ...page } } fragment page on C { pageInfo { a } ... { nodes { id } } }";
    assert_eq!(cost(text), 1 + 1 + 10);
}

#[test]
fn sizes_are_read_from_variables() {
    let text = "query($n: Int = 7) { orders(first: $n) { nodes { id } } }";
    let guard = Guard::new(Limits::default());
    let cost =
        |variables| guard.check(text, None, &Variables::from_json(variables)).map(|checked| checked.cost);
    assert_eq!(cost(json!({})).unwrap(), 1 + 7);
    assert_eq!(cost(json!({ "n": 50 })).unwrap(), 1 + 50);
    assert_eq!(cost(json!({ "n": null })).unwrap(), 1 + 25);
    let error = cost(json!({ "n": 100_000 })).unwrap_err();
    assert_eq!((error.code(), error.cost()), ("MAX_COST_EXCEEDED", Some(100_001)));
    assert_eq!(cost(json!({ "n": u64::MAX })).unwrap_err().cost(), Some(u64::MAX));
}

#[test]
fn a_variable_that_must_be_given_is_missed_before_anything_runs() {
    let needed = |variables| {
        let text = "mutation($a: Int!, $b: Int, $c: Int! = 1) { x(a: $a, b: $b, c: $c) }";
        check_with(text, variables).map_err(|error| error.code()).map(drop)
    };
    assert_eq!(needed(json!({ "a": 1 })), Ok(()));
    assert_eq!(needed(json!({})), Err("BAD_USER_INPUT"));
    assert_eq!(needed(json!({ "a": null })), Err("BAD_USER_INPUT"));
}

/// As graphql-js and GraphiQL send it, with every option on.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } \
  subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations \
  args(includeDeprecated: true) { ...InputValue } } } } \
  fragment FullType on __Type { kind name description specifiedByURL isOneOf \
    fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } \
      isDeprecated deprecationReason } \
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } \
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } \
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } \
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[test]
fn the_standard_introspection_query_passes() {
    let checked = check(INTROSPECTION).unwrap();
    assert!(checked.introspects);
    assert!(checked.cost > 0 && checked.cost < 500, "{}", checked.cost);
    assert!(!check("{ __typename a }").unwrap().introspects);
}

#[test]
fn introspection_has_bounds_of_its_own() {
    let lists = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert!(refused(lists).contains("3 nested lists of introspection"));
    let deep = format!("{{ __type(name: \"A\") {{ {} name {} }} }}", "ofType { ".repeat(18), "} ".repeat(18));
    assert!(refused(&deep).contains("20 levels of introspection"));
    let below = format!("{{ {} a {} }}", "ofType { ".repeat(12), "} ".repeat(12));
    assert!(refused(&below).contains("13 levels of selections"), "the allowance is for introspection only");
    let through = "{ __schema { types { ...f } } } fragment f on __Type { fields { type { ...g } } } \
                   fragment g on __Type { interfaces { possibleTypes { name } } }";
    assert!(refused(through).contains("3 nested lists of introspection"), "fragments hide nothing");
}

#[test]
fn a_remembered_document_is_judged_anew_for_its_variables() {
    let guard = Guard::new(Limits::default());
    let text = "query($n: Int!) { orders(first: $n) { nodes { id } } }";
    for n in [10, 2_000, 20] {
        let checked = guard.check(text, None, &Variables::from_json(json!({ "n": n })));
        assert_eq!(checked.map(|checked| checked.cost).ok(), (n < 1_000).then_some(1 + n));
    }
}
