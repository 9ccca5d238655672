//! What filters may do, and what hostile ones do not.
use serde_json::{Value, json};

use super::{words::WORDS, *};

fn event() -> Value {
    let lines: Vec<Value> = (0..200)
        .map(|number| json!({ "line": format!("{number:05}"), "quantity": "12.5", "unit": "EA", "note": "as agreed" }))
        .collect();
    json!({ "type": "shipment.submitted", "id": "evt_1", "data": { "number": "ASN-1", "lines": lines } })
}

fn applied(filter: &str) -> Result<Value, String> {
    Filter::new(filter).map_err(|error| error.to_string())?.apply(&event())
}

fn short(filter: &str, body: &Value) -> Value {
    Filter::new(filter)
        .unwrap_or_else(|error| panic!("{filter}: {error}"))
        .apply(body)
        .unwrap_or_else(|error| panic!("{filter}: {error}"))
}

#[test]
fn a_filter_renames_drops_reckons_and_chooses() {
    let body = json!({ "data": { "number": "ASN-1", "note": null, "lines": [
        { "line": "1", "quantity": "2", "unit": "EA" }, { "line": "2", "quantity": "0.5", "unit": "KGM" }] } });
    for (filter, expected) in [
        (".data | {asn: .number}", json!({ "asn": "ASN-1" })),
        (".data.number |= ascii_downcase | .data | del(.lines, .note)", json!({ "number": "asn-1" })),
        ("{total: [.data.lines[].quantity | tonumber] | add}", json!({ "total": 2.5 })),
        ("{lines: [.data.lines[] | select(.unit == \"EA\") | .line]}", json!({ "lines": ["1"] })),
        ("{text: (.data.lines | map(.line) | join(\"/\")), n: (2 * 21)}", json!({ "text": "1/2", "n": 42 })),
        ("reduce .data.lines[] as $l ({}; .[$l.line] = $l.unit)", json!({ "1": "EA", "2": "KGM" })),
        (
            "{note: (.data.note // \"none\"), \"who\": \"\\(.data.number)!\"}",
            json!({ "note": "none", "who": "ASN-1!" }),
        ),
        (".data | with_entries(select(.key == \"number\"))", json!({ "number": "ASN-1" })),
        ("{a: (if .x then 1 else 2 end), b: (try error(\"x\") catch .)}", json!({ "a": 2, "b": "x" })),
        ("{a: {b: 1}} * {a: {c: 2}}", json!({ "a": { "b": 1, "c": 2 } })),
        (". as $whole | {$whole} | .whole.data | {number}", json!({ "number": "ASN-1" })),
        ("{q: (.data.lines[0].quantity), none: ([] | add)}", json!({ "q": "2", "none": null })),
    ] {
        assert_eq!(short(filter, &body), expected, "{filter}");
    }
}

#[test]
fn every_word_on_the_list_is_there() {
    for word in WORDS {
        let arguments = match word.arguments {
            [] => String::new(),
            arguments => format!("({})", vec!["."; arguments.len()].join("; ")),
        };
        let filter = format!("{{}} | (try {}{arguments} catch .) | {{a: .}}", word.name);
        Filter::new(&filter).unwrap_or_else(|error| panic!("{}: {error}", word.name));
    }
    assert_eq!(
        short("{a: ([3, 1, 2, 1] | unique | reverse), t: (.x | type)}", &json!({})),
        json!({ "a": [3, 2, 1], "t": "null" })
    );
    assert_eq!(
        short("{a: ([3, 1] | min), b: ([3, 1] | max), c: (\"a-b\" | split(\"-\"))}", &json!({})),
        json!({ "a": 1, "b": 3, "c": ["a", "b"] })
    );
    assert_eq!(
        short(
            "{a: (-3 | abs), k: ({\"b\": 1, \"a\": 2} | keys), s: ([1, \"a\", null] | map(scalars | type))}",
            &json!({})
        ),
        json!({ "a": 3, "k": ["a", "b"], "s": ["number", "string", "null"] })
    );
}

#[test]
fn one_object_comes_out_or_the_delivery_stops() {
    for (filter, words) in [
        ("empty", "gives nothing"),
        ("., .", "more than one"),
        (".data.lines", "no object"),
        ("\"text\"", "no object"),
        ("error(\"not this one\")", "not this one"),
        (".data.lines.number", "failed"),
        ("., error(\"late\")", "late"),
    ] {
        let told = applied(filter).unwrap_err();
        assert!(told.contains(words), "{filter}: {told}");
    }
    assert!(Filter::new(".").unwrap().apply(&json!({ "a": "x".repeat(LARGEST_VALUE) })).is_err());
}

#[test]
fn what_is_not_on_the_list_stays_out() {
    for filter in [
        "def f: f; f",
        "def f($x): $x; f(1)",
        "..",
        "recurse",
        "recurse(.[]?)",
        "[range(9)]",
        "range(1; 2; 0)",
        "repeat(.)",
        "[limit(3; repeat(1))]",
        "until(false; .)",
        "while(true; .)",
        "foreach .[] as $x (0; . + 1)",
        "label $out | break $out",
        "input",
        "[inputs]",
        "env",
        "$ENV",
        "{$ENV}",
        "$__loc__",
        "now",
        "debug",
        "debug(1)",
        "stderr",
        "halt",
        "halt(1)",
        "walk(.)",
        "paths",
        "getpath([\"a\"])",
        "combinations",
        "\"a\" | test(\"(a+)+\")",
        "\"a\" | @base64",
        "@json \"x\\(.)\"",
        "fromjson",
        "implode",
        "indices(1)",
        "import \"a\" as a; .",
        "include \"a\"; .",
        "quayside_tick",
        "quayside_filter",
        "error_empty",
        "min_by_or_empty(.)",
        ".a *= 3",
        "(., .) |= 1",
        "(.a | .., .b) |= 1",
        "del(.a | (., .))",
        "del(..)",
        "first(.[]) |= 1",
        ". as [$a] | $a",
        ".. |= 1",
        "{(.a | ..): 1}",
        ".[input]",
        "\"\\(now)\"",
        "if env then . else . end",
        "try now catch .",
        "-now",
        "reduce .[] as [$x] (0; .)",
    ] {
        let told = Filter::new(filter).err();
        assert!(told.is_some(), "{filter} is let in");
    }
    for (filter, words) in [
        ("now", "`now` may not"),
        ("{a: 1", "no jq"),
        ("", "no jq"),
        ("$x", "$x"),
        ("f(", "no jq"),
        (".a | walk(.)", "`walk`"),
    ] {
        let told = Filter::new(filter).unwrap_err().to_string();
        assert!(told.contains(words), "{filter}: {told}");
    }
}

/// The worst that the words allow. Each is refused, or ends, soon and with words; how soon is not told in time but in
/// work: a machine may be busy.
#[test]
fn a_hostile_filter_ends() {
    let doubled = |start: &str, step: &str, times: usize| format!("{start}{}", step.repeat(times));
    let nested = (0..12).map(|n| format!(".data.lines[] as $v{n} | ")).collect::<String>();
    for filter in [
        doubled("{a: (\"x\"", " | . + .", 60) + ")}",
        doubled("{a: ([1]", " | . + .", 60) + ")}",
        doubled("{a: ([1]", " | [., .]", 60) + ")}",
        doubled("{a: (1", " | (., .)", 60) + ")}",
        doubled("{a: [empty", ", .", 800) + "]} | tojson | {a: .}",
        doubled("{a: (3", " | . * .", 60) + ")}",
        doubled("{a: (\"9\"", " | tojson", 60) + ")}",
        "{a: (\"x\" * 1000000000000)}".to_owned(),
        "{a: (1000000000000 * \"x\")}".to_owned(),
        "{a: ([.] * 100000000)}".to_owned(),
        format!("{nested} {{a: 1}}"),
        format!("{nested} empty"),
        format!("[{nested} 1] | {{a: .}}"),
        format!("{nested} (error(\"x\"))?"),
        format!("{nested} (try error(\"x\") catch empty)"),
        format!("[{nested} .x?] | {{a: .}}"),
        "{a: (reduce .data.lines[] as $x (0; [.]))}".to_owned(),
        "{a: (reduce .data.lines[] as $x (\"x\"; . + .))}".to_owned(),
        "reduce (.data.lines[] | .data, .) as $x (.; . * {a: .})".to_owned(),
        "{a: (.data.lines | map([.[], .[]]) | map([.[], .[]]) | . as $a | map($a) | . as $b | map($b))}".to_owned(),
        "[.data.lines[] as $a | .data.lines[] as $b | .data.lines[] as $c | [$a, $b, $c]] | group_by(.) | {a: .}".to_owned(),
        "{a: ([.data.lines[] | tojson] | . as $x | map($x | join(\",\")) | . as $y | map($y | join(\",\")))}".to_owned(),
        "{a: ([.data.lines[] | tojson] | . as $x | map($x | add) | . as $y | map($y | add))}".to_owned(),
        format!("{{a: ({})}}", vec!["."; 1500].join("+")),
        "(".repeat(LONGEST_FILTER),
        format!("{}1{}", "(".repeat(2000), ")".repeat(2000)),
        format!("{}1", "-".repeat(4000)),
        "[".repeat(LONGEST_FILTER),
        "try ".repeat(1000) + "1",
        ". as $x | ".repeat(370) + "1",
        "if ".repeat(1300),
        ".a".repeat(2000),
        "\"\\(".repeat(1300),
        format!("{{a: \"{}\"}}", "\\(1)".repeat(900)),
        format!("{{a: \"{}\"}}", "\\n".repeat(2000)),
        format!("{{{}}}", (0..300).map(|n| format!("a{n}: 1,")).collect::<String>()),
        format!("{{a: (if .x then 1 {} else 2 end)}}", "elif .y then 1 ".repeat(200)),
        format!("{{a: {}}}", (0..63).map(|_| "1 + ").collect::<String>() + "1"),
        "{a:".repeat(1300),
        "9".repeat(4000),
        format!("{{a: ({} * {})}}", "9".repeat(64), "9".repeat(64)),
        "reduce . as $x (0; ".repeat(200),
        " ".repeat(LONGEST_FILTER + 1),
    ] {
        let told = applied(&filter);
        assert!(told.is_err(), "{filter:.60} gave something");
        assert!(told.unwrap_err().len() < 300, "{filter:.60}");
    }
}

/// As large as they may be, on a thread no larger than others.
#[test]
fn the_longest_parts_fit() {
    let members = (0..256).map(|n| format!("a{n}: 1,")).collect::<String>();
    for filter in [
        format!("{{{members}}}"),
        format!("{{a: \"{}\"}}", "\\(1)".repeat(64)),
        format!("{{a: (if .x then 1 {} else 2 end)}}", "elif .y then 1 ".repeat(63)),
        format!("{{a: {}?}}", ".a".repeat(64)),
        format!("{}{{a: 1}}", ". | ".repeat(40)),
        format!("{{a: [{}1]}}", "1, ".repeat(40)),
        format!("{{a: {}1{}}}", "[".repeat(50), "]".repeat(50)),
    ] {
        assert!(applied(&filter).is_ok(), "{filter:.60}: {:?}", applied(&filter));
    }
}

#[test]
fn a_stopped_filter_stops_and_no_try_goes_on() {
    let told = applied(
        "{a: (try ([.data.lines[] as $a | .data.lines[] as $b | .data.lines[] as $c | [$a, $b, $c]]) catch \"caught\")}",
    );
    assert!(told.unwrap_err().contains("more work"));
    let next = applied("{a: 1}").unwrap();
    assert_eq!(next, json!({ "a": 1 }), "the next one begins anew");
}

#[test]
fn exact_numbers_in_texts_stay_as_they_are() {
    let body = json!({ "q": "0.1000", "n": 12345678901234567890_u64, "z": "ä\u{1F600}\"\\" });
    assert_eq!(short(".", &body), body);
}
