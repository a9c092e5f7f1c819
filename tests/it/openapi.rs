//! The API's own description is true: it has the rows of the route table and no others, and every answer that any test
//! of this world gets is one that it promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use linekey::http::edge::message::Method;
use linekey::http::front::route::Route;
use linekey::http::front::routes::ROUTES;
use serde_json::{Value, json};

use crate::office::{Office, Reply};
use crate::schema::Schema;

/// An answer that the document promises.
struct Promise {
    /// By media type; none: the answer has no body.
    bodies: BTreeMap<String, Schema>,
    /// Field, its schema, whether it is always there.
    fields: Vec<(String, Schema, bool)>,
}

struct Operation {
    method: String,
    /// As the document has it, `/api/people/{extension}`.
    path: String,
    who: String,
    promises: BTreeMap<u16, Promise>,
}

struct Description {
    /// Those with fewer open parts first.
    operations: Vec<Operation>,
    /// What an address says that is in no row.
    nowhere: Promise,
    /// What an address says that has other methods.
    wrong_method: Promise,
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    // As it was written: each operation promises what is its own.
    DOCUMENT.get_or_init(|| serde_json::from_str(include_str!("../../src/http/openapi.json")).unwrap())
}

#[test]
fn what_any_address_may_answer_stands_at_each_operation_that_programs_read() {
    let office = Office::open();
    let served = office.browser().get("/api/openapi.json").expect(200).json;
    let mut written = document().clone();
    let anywhere = written["x-linekey-anywhere"].as_object().unwrap().clone();
    for item in written["paths"].as_object_mut().unwrap().values_mut() {
        for (_, operation) in item
            .as_object_mut()
            .unwrap()
            .iter_mut()
            .filter(|(key, _)| *key != "parameters")
        {
            let own = operation["responses"].as_object_mut().unwrap();
            for (status, answer) in anywhere.iter().filter(|(status, _)| *status != "404") {
                own.entry(status).or_insert(answer.clone());
            }
        }
    }
    assert_eq!(served, written);
    assert!(served["paths"]["/healthz"]["get"]["responses"]["413"].is_object());
}

fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        let mut operations = Vec::new();
        for (path, item) in document()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
                let answers = operation["responses"].as_object().unwrap();
                let at = format!("#/paths/{}/{method}/responses", escaped(path));
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    who: operation["x-linekey-who"].as_str().unwrap().to_owned(),
                    promises: answers
                        .keys()
                        .map(|status| (status.parse().unwrap(), promise(&format!("{at}/{status}"))))
                        .collect(),
                });
            }
        }
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        Description {
            operations,
            nowhere: promise("#/x-linekey-anywhere/404"),
            wrong_method: promise("#/x-linekey-anywhere/405"),
        }
    })
}

/// A member's name within a JSON pointer (RFC 6901 §3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What stands at that pointer, and where it really stands, if that is a reference.
fn resolved(at: &str) -> (String, &'static Value) {
    let found = document().pointer(at.trim_start_matches('#'));
    let found = found.unwrap_or_else(|| panic!("nothing stands at {at}"));
    match found["$ref"]
        .as_str()
        .filter(|to| !to.starts_with("#/components/schemas/"))
    {
        Some(to) => resolved(to),
        None => (at.to_owned(), found),
    }
}

fn promise(at: &str) -> Promise {
    let (at, answer) = resolved(at);
    let members = |kind: &str| answer[kind].as_object().into_iter().flatten();
    Promise {
        bodies: members("content")
            .map(|(media, _)| {
                (
                    media.clone(),
                    validator(&format!("{at}/content/{}/schema", escaped(media))),
                )
            })
            .collect(),
        fields: members("headers")
            .map(|(name, _)| {
                let (at, field) = resolved(&format!("{at}/headers/{name}"));
                (
                    name.to_lowercase(),
                    validator(&format!("{at}/schema")),
                    field["required"] == true,
                )
            })
            .collect(),
    }
}

/// For the schema at that pointer, with what its references lead to.
fn validator(at: &str) -> Schema {
    let (_, schema) = resolved(at);
    let schema = json!({ "components": document()["components"], "allOf": [schema] });
    Schema::of(schema)
}

/// Demands that the document promises this answer. Pages and their files are not in it.
pub fn check(method: &Method, path: &str, reply: &Reply) {
    let asked = if *method == Method::HEAD { &Method::GET } else { method };
    let found = description()
        .operations
        .iter()
        .find(|operation| operation.method == asked.to_string() && leads_to(&operation.path, path));
    let row = format!("{method} {path}: {}", reply.status);
    match found {
        Some(operation) => {
            let promised = operation.promises.get(&reply.status);
            let promised = promised.unwrap_or_else(|| panic!("{row} is not described: {reply:?}"));
            promised.kept_by(reply, &row);
        }
        None if reply.status == 405 => description().wrong_method.kept_by(reply, &row),
        None if path.starts_with("/api/") => {
            assert_eq!(reply.status, 404, "{row}");
            description().nowhere.kept_by(reply, &row);
        }
        None => {}
    }
}

fn leads_to(template: &str, path: &str) -> bool {
    let (parts, sent) = (template.split('/'), path.split('/'));
    parts.clone().count() == sent.clone().count()
        && parts
            .zip(sent)
            .all(|(part, sent)| part == sent || (part.starts_with('{') && !sent.is_empty()))
}

impl Promise {
    fn kept_by(&self, reply: &Reply, row: &str) {
        let kind = reply.field("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        match self.bodies.get(kind) {
            None => assert!(
                self.bodies.is_empty() && reply.bytes.is_empty(),
                "{row} has a body of {kind:?}"
            ),
            Some(schema) => {
                let text = match kind {
                    "application/octet-stream" => String::new(),
                    _ => String::from_utf8(reply.bytes.clone()).unwrap(),
                };
                let body = if kind == "application/json" {
                    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{row}: {why}: {text}"))
                } else {
                    Value::String(text)
                };
                let wrong = schema.wrong(&body);
                assert_eq!(wrong, None, "{row}: {body}");
            }
        }
        for (name, schema, required) in &self.fields {
            match reply.field(name) {
                Some(value) => assert_eq!(schema.wrong(&json!(value)), None, "{row}: {name}: {value}"),
                None => assert!(!required, "{row} lacks {name}"),
            }
        }
        let known = |name: &str| name == "content-type" || self.fields.iter().any(|(field, ..)| field == name);
        for (name, value) in reply.fields() {
            assert!(known(name), "{row}: {name}: {value} is not described");
        }
    }
}

/// What programs may ask, by its path; pages and their files are for browsers.
fn is_described(route: &&Route) -> bool {
    ["/api/", "/.well-known/", "/auth/", "/healthz", "/metrics"]
        .iter()
        .any(|beginning| route.path.starts_with(beginning))
}

/// `/api/people/:extension` as the document writes it.
fn template(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_document_has_every_row_of_the_route_table_with_who_may_and_no_other() {
    let rows: BTreeSet<String> = ROUTES
        .iter()
        .filter(is_described)
        .map(|route| format!("{} {} {:?}", route.method, template(route.path), route.who))
        .collect();
    let told: BTreeSet<String> = description()
        .operations
        .iter()
        .map(|operation| format!("{} {} {}", operation.method, operation.path, operation.who))
        .collect();
    let left_out: Vec<_> = rows.difference(&told).collect();
    let made_up: Vec<_> = told.difference(&rows).collect();
    assert!(
        left_out.is_empty() && made_up.is_empty(),
        "left out: {left_out:#?}\nmade up: {made_up:#?}"
    );
    assert!(rows.len() > 70, "{} rows", rows.len());
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let mut values = vec![document()];
    let mut followed = 0;
    while let Some(value) = values.pop() {
        if let Some(to) = value["$ref"].as_str() {
            resolved(to);
            followed += 1;
        }
        match value {
            Value::Object(members) => values.extend(members.values()),
            Value::Array(items) => values.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    assert!(followed > 500, "{followed} references");
}

/// Else an answer could have a member that the document does not know, and every check would pass.
#[test]
fn no_answer_has_room_for_a_member_that_is_not_described() {
    let schemas = document()["components"]["schemas"].as_object().unwrap();
    let part_of_others = |name: &str| {
        let to = json!({ "$ref": format!("#/components/schemas/{name}") });
        schemas
            .values()
            .any(|schema| schema["allOf"].as_array().is_some_and(|parts| parts.contains(&to)))
    };
    let mut open = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<String> = Vec::new();
    let mut collect = |value: &Value, waiting: &mut Vec<String>, name: &str| {
        let mut values = vec![value];
        while let Some(value) = values.pop() {
            let closed = value["additionalProperties"] == false || value["unevaluatedProperties"] == false;
            let refines = value["$ref"].is_string();
            if value["properties"].is_object() && !closed && !refines && !part_of_others(name) {
                open.push(format!("{name}: {value}"));
            }
            if let Some(to) = value["$ref"]
                .as_str()
                .and_then(|to| to.strip_prefix("#/components/schemas/"))
            {
                waiting.push(to.to_owned());
            }
            match value {
                Value::Object(members) => values.extend(members.values()),
                Value::Array(items) => values.extend(items),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    };
    collect(&document()["components"]["responses"], &mut waiting, "an answer");
    for operation in document()["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
    {
        collect(&operation["responses"], &mut waiting, "an answer");
    }
    while let Some(name) = waiting.pop() {
        if seen.insert(name.clone()) {
            collect(&schemas[&name], &mut waiting, &name);
        }
    }
    assert!(open.is_empty(), "{open:#?}");
    assert!(seen.len() > 30, "{seen:?}");
}
