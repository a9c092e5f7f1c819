//! JSON Schema (draft 2020-12): whether a value is as a schema says.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::Value;

/// A schema that is ready to judge.
pub(crate) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    /// Of that text; a schema that is none is a fault of the test's.
    pub(crate) fn of(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource("schema.json", schema).unwrap();
        let index = compiler.compile("schema.json", &mut schemas);
        let index = index.unwrap_or_else(|why| panic!("{why}"));
        Self { schemas, index }
    }

    /// What is wrong with the value; nothing if it is as the schema says.
    pub(crate) fn wrong(&self, value: &Value) -> Option<String> {
        self.schemas
            .validate(value, self.index)
            .err()
            .map(|why| why.to_string())
    }
}
