//! The document of the doors, held against what the doors do.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{AGENTS, CHANNEL, TestRelay, answer, connect, offer, relay};

async fn document(relay: &TestRelay) -> Value {
    let reply = relay.get("/api/openapi.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    reply.json()
}

#[tokio::test]
async fn the_doors_are_as_documented() {
    let relay = relay().await;
    let document = document(&relay).await;
    let mut told = String::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let statuses: Vec<&str> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            told += &format!("{} {path}: {}\n", method.to_uppercase(), statuses.join(" "));
        }
    }
    assert_snapshot!(told, @"
    POST /api/login: 200 400 401 403 408 413 415 422 429 503
    POST /api/logout: 204 403
    GET /api/session: 200 401
    GET /api/sessions: 200 401
    DELETE /api/sessions: 204 401 403 503
    DELETE /api/sessions/{id}: 204 401 403 404 422 503
    GET /api/board: 200 304 401 403 503
    GET /api/events: 101 401 403 422 426
    POST /api/calls/whatsapp: 201 400 401 403 408 409 413 415 422 429 502 503 504
    POST /api/calls/whatsapp/action: 200 400 401 403 404 408 409 413 415 422 429 502 503 504
    GET /api/calls/whatsapp/logs: 200 401 422 429 502 503 504
    GET /api/openapi.json: 200
    POST /webhooks/vobiz: 200 400 401 408 413 503
    GET /healthz: 200
    GET /readyz: 200 503
    GET /metrics: 200 503
    GET /api/sign-in: 200
    GET /api/oidc/start: 303 404
    GET /api/oidc/callback: 303 404
    ");
}

#[tokio::test]
async fn every_door_takes_the_documented_methods_and_no_others() {
    let relay = relay().await;
    let cookie = relay.cookie_of(1).await;
    let document = document(&relay).await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let mut methods: Vec<String> =
            operations.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        let request = relay.request("PATCH", &path.replace("{id}", "x")).header("Cookie", &cookie);
        let reply = relay.send(request).await;
        assert_eq!(reply.status, 405, "{path} {reply}");
        let mut allowed: Vec<String> = reply.header("allow").split(',').map(str::to_owned).collect();
        methods.sort();
        allowed.sort();
        assert_eq!(allowed, methods, "{path}");
    }
}

#[tokio::test]
async fn real_replies_have_the_documented_shapes() {
    let relay = relay().await;
    let document = document(&relay).await;
    let (cookie, supervisor) = (relay.cookie().await, relay.cookie_of(1).await);
    let mut socket = relay.socket(&cookie, "").await;
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "snapshot");
    assert_eq!(socket.next().await["type"], "presence");
    relay.deliver(&connect("event-1", "wacid.A")).await;
    let accept = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    let call = json!({ "to": "+919800000001", "sdp_offer": offer(), "channel_id": CHANNEL });
    let replies = [
        ("Board", relay.get_as(&supervisor, "/api/board").await),
        ("Acted", relay.post(&cookie, "/api/calls/whatsapp/action", &accept).await),
        ("Board", relay.get_as(&supervisor, "/api/board").await),
        ("Problem", relay.post(&supervisor, "/api/calls/whatsapp/action", &accept).await),
        ("Problem", relay.login(AGENTS[0].0, "guess").await),
        ("Session", relay.login(AGENTS[0].0, AGENTS[0].1).await),
        ("SessionList", relay.get_as(&cookie, "/api/sessions").await),
        ("Initiated", relay.post(&supervisor, "/api/calls/whatsapp", &call).await),
        ("LogPage", relay.get_as(&cookie, "/api/calls/whatsapp/logs").await),
        ("Ready", relay.get("/readyz").await),
    ];
    for (name, reply) in replies {
        let schema = &document["components"]["schemas"][name];
        assert!(schema.is_object(), "{name}");
        let problems = misfits(&document, schema, &reply.json(), name);
        assert_eq!(problems, Vec::<String>::new(), "{reply}");
    }
}

#[test]
fn a_reply_that_does_not_fit_is_noticed() {
    let document = json!({ "components": { "schemas": {
        "Inner": { "type": "object", "required": ["a"], "properties": { "a": { "type": "integer" } } },
        "Outer": { "type": "array", "items": { "$ref": "#/components/schemas/Inner" } },
    } } });
    let outer = &document["components"]["schemas"]["Outer"];
    assert_eq!(misfits(&document, outer, &json!([{ "a": 1 }]), "x"), Vec::<String>::new());
    let told = misfits(&document, outer, &json!([{ "a": "1" }, { "b": 1 }, 7]), "x");
    assert_snapshot!(told.join("\n"), @"
    x[0].a is of type string, not integer
    x[1].a is missing
    x[1].b is not documented
    x[2] is of type integer, not object
    ");
}

/// Where a value is not what its schema says: the parts of JSON Schema that the document
/// uses.
fn misfits(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name}"));
        return misfits(document, target, value, place);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        // A schema that allows anything.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) {
        return vec![format!("{place} is of type {kind}, not {}", kinds.join(" or "))];
    }
    let mut told = Vec::new();
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        told.push(format!("{place} is {value}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        told.extend(misfits(document, &schema["items"], item, &format!("{place}[{index}]")));
    }
    let Some(properties) = schema["properties"].as_object() else { return told };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            told.push(format!("{place}.{required} is missing"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match properties.get(name) {
            Some(schema) => told.extend(misfits(document, schema, member, &format!("{place}.{name}"))),
            None => told.push(format!("{place}.{name} is not documented")),
        }
    }
    told
}
