//! The browser's parser and serde's make the same of a text.

use softphone::platform::json;
use wasm_bindgen_test::wasm_bindgen_test;
use wire::Json;

#[wasm_bindgen_test]
fn both_parsers_read_the_same() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "1774447200000",
        "9007199254740991",
        r#""""#,
        r#""Zoë 📞 \u00e9\n""#,
        "[]",
        r#"[1,[null,"a"],{"b":{}}]"#,
        r#"{"snapshot":{"seq":7,"calls":[{"call":"wacid.A==","party":{"name":null}}]}}"#,
    ] {
        assert_eq!(json::parse(text), Json::parse(text).ok(), "{text}");
    }
    for text in ["", "{", "{'a':1}", "nul"] {
        assert_eq!(json::parse(text), None, "{text}");
        assert!(Json::parse(text).is_err(), "{text}");
    }
}
