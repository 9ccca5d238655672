//! Objects that hold all their values: resolved in one synchronous walk over the selection.
//!
//! The library makes a boxed future of every selected field. For rows that come by the hundred (lines, parts
//! of answers, events) that is most of the cost of a page. A plain object has the library's own description
//! in the schema and resolves itself here: fields, fragments, aliases and `__typename`. `@skip` and `@include`
//! are taken out of the document before it is executed.
use std::{borrow::Cow, collections::HashMap};

use async_graphql::{
    ContextSelectionSet, ID, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};

use super::{Date, DateTime, Decimal, Json};

/// What a walk needs beside the selection: the document's fragments.
pub struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
}

/// An object that holds its values.
pub trait Plain: OutputType {
    /// The value of a field, by its name in the schema; nothing when the object does not hold it.
    fn field(&self, name: &str, walk: &Walk<'_>, field: &Field) -> Option<Value>;
}

/// A value that needs nothing to be shown.
pub trait PlainValue {
    /// The value, as far as it is selected.
    fn plain(&self, walk: &Walk<'_>, field: &Field) -> Value;
}

impl Walk<'_> {
    /// What is selected of `object`, as far as it holds it.
    pub fn object<T: Plain>(&self, object: &T, selection: &SelectionSet) -> Value {
        let mut members = IndexMap::with_capacity(selection.items.len());
        let _ = self.collect(object, selection, &mut members);
        Value::Object(members)
    }

    /// What is selected of `object`, if it holds all of it.
    fn whole<T: Plain>(&self, object: &T, selection: &SelectionSet) -> Option<Value> {
        let mut members = IndexMap::with_capacity(selection.items.len());
        self.collect(object, selection, &mut members).then_some(Value::Object(members))
    }

    /// Whether `object` holds all that is selected.
    fn collect<T: Plain>(
        &self,
        object: &T,
        selection: &SelectionSet,
        members: &mut IndexMap<Name, Value>,
    ) -> bool {
        let mut whole = true;
        for item in &selection.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let value = if name == "__typename" {
                        Some(Value::String(T::type_name().into_owned()))
                    } else {
                        object.field(name, self, field)
                    };
                    match value {
                        Some(value) => merge(members, field.response_key().node.clone(), value),
                        None => whole = false,
                    }
                }
                // Validation has made sure that a fragment's condition can only be this type.
                Selection::InlineFragment(fragment) => {
                    whole &= self.collect(object, &fragment.node.selection_set.node, members);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        whole &= self.collect(object, &fragment.node.selection_set.node, members);
                    }
                }
            }
        }
        whole
    }
}

/// The same object selected twice shows what either selection asked for.
fn merge(members: &mut IndexMap<Name, Value>, key: Name, value: Value) {
    match members.entry(key) {
        async_graphql::indexmap::map::Entry::Vacant(free) => {
            free.insert(value);
        }
        async_graphql::indexmap::map::Entry::Occupied(mut taken) => merge_values(taken.get_mut(), value),
    }
}

fn merge_values(earlier: &mut Value, later: Value) {
    match (earlier, later) {
        (Value::Object(earlier), Value::Object(later)) => {
            for (key, value) in later {
                merge(earlier, key, value);
            }
        }
        (Value::List(earlier), Value::List(later)) if earlier.len() == later.len() => {
            for (earlier, later) in earlier.iter_mut().zip(later) {
                merge_values(earlier, later);
            }
        }
        _ => {}
    }
}

fn walk<'a>(ctx: &'a ContextSelectionSet<'_>) -> Walk<'a> {
    Walk { fragments: &ctx.query_env.fragments }
}

/// One plain object as a field's value.
#[derive(Clone, Debug)]
pub struct Row<T>(pub T);

impl<T: Plain> OutputType for Row<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(walk(ctx).object(&self.0, &ctx.item.node))
    }
}

/// Many plain objects as a field's value.
#[derive(Clone, Debug)]
pub struct Rows<T>(pub Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Plain> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let walk = walk(ctx);
        Ok(Value::List(self.0.iter().map(|row| walk.object(row, &ctx.item.node)).collect()))
    }
}

/// Many objects of the library that may hold all that is selected of them: then they are walked like plain ones,
/// and else the library resolves them.
pub struct Held<'a, T>(pub &'a [T]);

impl<T: Plain> OutputType for Held<'_, T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let walk = walk(ctx);
        let selection = &ctx.item.node;
        match self.0.iter().map(|object| walk.whole(object, selection)).collect() {
            Some(values) => Ok(Value::List(values)),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

macro_rules! plain_scalars {
    ($($type:ty: $value:ident => $shown:expr,)*) => {$(
        impl PlainValue for $type {
            fn plain(&self, _: &Walk<'_>, _: &Field) -> Value {
                let $value = self;
                $shown
            }
        }
    )*};
}

plain_scalars! {
    String: text => Value::String(text.clone()),
    bool: flag => Value::Boolean(*flag),
    i32: number => Value::Number((*number).into()),
    ID: id => Value::String(id.0.clone()),
    Decimal: number => Value::String(number.0.to_string()),
    DateTime: moment => Value::String(moment.0.to_string()),
    Date: day => Value::String(day.0.to_string()),
    Json: json => json.0.clone(),
}

impl<T: PlainValue> PlainValue for Option<T> {
    fn plain(&self, walk: &Walk<'_>, field: &Field) -> Value {
        self.as_ref().map_or(Value::Null, |value| value.plain(walk, field))
    }
}

impl<T: PlainValue> PlainValue for Vec<T> {
    fn plain(&self, walk: &Walk<'_>, field: &Field) -> Value {
        Value::List(self.iter().map(|value| value.plain(walk, field)).collect())
    }
}

/// Declares plain objects: a struct, its description in the schema, and its walk.
macro_rules! plain {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $fdoc:literal])* $field:ident as $shown:literal: $type:ty,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $name {
            // Owned, so that a plain object can be a `Node`: an interface asks for its id by value.
            $($(#[doc = $fdoc])* #[graphql(name = $shown, owned)] pub $field: $type,)*
        }

        impl $crate::types::Plain for $name {
            fn field(
                &self,
                name: &str,
                walk: &$crate::types::plain::Walk<'_>,
                field: &async_graphql::parser::types::Field,
            ) -> Option<async_graphql::Value> {
                use $crate::types::PlainValue as _;
                Some(match name {
                    $($shown => self.$field.plain(walk, field),)*
                    _ => return None,
                })
            }
        }

        impl $crate::types::PlainValue for $name {
            fn plain(
                &self,
                walk: &$crate::types::plain::Walk<'_>,
                field: &async_graphql::parser::types::Field,
            ) -> async_graphql::Value {
                walk.object(self, &field.selection_set.node)
            }
        }
    )*};
}

pub(crate) use plain;
