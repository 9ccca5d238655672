//! The trade's coded words as GraphQL enums, with the spelling and the meaning they have everywhere else.
use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned,
    ServerResult, Value,
    parser::types::Field,
    registry::{MetaEnumValue, MetaType, MetaTypeId, Registry},
};
use quayside_canonical::Word;

/// A coded word in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<T>(pub T);

impl<T: Word> Code<T> {
    fn describe(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: T::NAME.to_owned(),
            description: Some(T::DOC.trim().to_owned()),
            enum_values: T::ALL
                .iter()
                .map(|word| {
                    let value = MetaEnumValue {
                        name: word.code().to_owned(),
                        description: Some(word.doc().trim().to_owned()),
                        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
                        visible: None,
                        inaccessible: false,
                        tags: Vec::new(),
                        directive_invocations: Vec::new(),
                    };
                    (word.code().to_owned(), value)
                })
                .collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    fn shown(self) -> Value {
        Value::Enum(Name::new(self.0.code()))
    }
}

impl<T: Word> OutputType for Code<T> {
    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::describe(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(self.shown())
    }
}

impl<T: Word> InputType for Code<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::describe(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let given = match &value {
            Some(Value::Enum(name)) => name.as_str(),
            Some(Value::String(text)) => text.as_str(),
            _ => return Err(InputValueError::expected_type(value.unwrap_or_default())),
        };
        let word = T::ALL.iter().copied().find(|word| word.code() == given);
        word.map(Self).ok_or_else(|| InputValueError::custom(format!("`{given}` is not one of {}", T::NAME)))
    }

    fn to_value(&self) -> Value {
        self.shown()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: Word> super::PlainValue for Code<T> {
    fn plain(&self, _: &super::plain::Walk<'_>, _: &Field) -> Value {
        self.shown()
    }
}
