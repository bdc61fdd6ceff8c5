//! JSON as `citadel` promises it. A shape is JSON itself, with the name of a kind where a value stands.

use serde_json::{Value, json};

/// Asserts that `value` has every field of `shape`, each of its kind. Further fields are free: additions break nobody.
///
/// A field whose name ends in `?` may be absent; a kind that ends in `?` may be null. In an array shape, every element
/// has the shape of the first.
#[track_caller]
pub fn assert_fits(value: &Value, shape: &Value) {
    if let Err(misfit) = fits(value, shape, "$") {
        panic!("{misfit} in {value:#}");
    }
}

fn fits(value: &Value, shape: &Value, at: &str) -> Result<(), String> {
    match shape {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let (name, optional) = name.strip_suffix('?').map_or((name.as_str(), false), |n| (n, true));
                match value.get(name) {
                    Some(found) => fits(found, inner, &format!("{at}.{name}"))?,
                    None if optional => {}
                    None => return Err(format!("{at}.{name} is missing")),
                }
            }
            Ok(())
        }
        Value::Array(shapes) => {
            let items = value.as_array().ok_or_else(|| format!("{at} is no array"))?;
            items.iter().enumerate().try_for_each(|(i, item)| fits(item, &shapes[0], &format!("{at}[{i}]")))
        }
        Value::String(kind) => {
            let (kind, nullable) = kind.strip_suffix('?').map_or((kind.as_str(), false), |k| (k, true));
            let ok = match kind {
                "string" => value.is_string(),
                "bool" => value.is_boolean(),
                "number" => value.is_number(),
                "count" => value.is_u64(),
                "from 0 to 1" => value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n)),
                "RFC 3339" => {
                    value.as_str().is_some_and(|t| t.len() == 20 && t.ends_with('Z') && &t[10..11] == "T")
                }
                "SHA-256" => {
                    value.as_str().is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
                }
                words => words.split('|').any(|word| value == word),
            };
            if ok || (nullable && value.is_null()) { Ok(()) } else { Err(format!("{at} is no {kind}")) }
        }
        other => {
            if value == other {
                Ok(())
            } else {
                Err(format!("{at} is not {other}"))
            }
        }
    }
}

pub fn passage() -> Value {
    json!({
        "rank": "count", "score": "from 0 to 1", "document_id": "string", "path": "string", "title": "string",
        "collection": "string", "heading": ["string"], "page": "count?", "page_label": "string?", "text": "string",
        "start": "count", "end": "count",
        "scores": {"vector": "number?", "keyword": "number?", "fused": "number"}
    })
}

pub fn search() -> Value {
    json!({
        "query_id?": "string", "query": "string", "passages": [passage()],
        "timings_ms": {"embed": "number", "search": "number", "total": "number"}
    })
}

pub fn answer() -> Value {
    let mut shown = passage();
    shown["used"] = json!("bool");
    json!({
        "id": "string", "question_id?": "string", "question": "string", "created_at": "RFC 3339",
        "outcome": "answered|not_found", "text": "string",
        "sentences": [{
            "text": "string", "citations": ["count"], "verdict": "supported|unsupported|removed", "score": "from 0 to 1"
        }],
        "citations": [{
            "number": "count", "document_id": "string", "path": "string", "title": "string", "heading": ["string"],
            "page": "count?", "page_label": "string?", "quote": "string", "start": "count", "end": "count"
        }],
        "passages": [shown], "confidence": "from 0 to 1", "corrected": "bool",
        "timings_ms": {
            "retrieve": "count", "first_token": "count?", "generate": "count", "check": "count", "total": "count"
        }
    })
}

/// An answer that the language model wrote, or tried to.
pub fn written_answer() -> Value {
    let mut shape = answer();
    shape["model"] = json!({"name": "string", "file_sha256": "SHA-256", "device": "string"});
    shape
}

pub fn document() -> Value {
    json!({
        "document_id": "string", "path": "string", "part?": "string", "title": "string", "collection": "string",
        "format": "pdf|mediawiki|confluence|markdown|html|docx|pptx|xlsx|csv|epub|odt|odp|text", "pages": "count", "chunks": "count", "chars": "count",
        "ingested_at": "RFC 3339"
    })
}

pub fn report() -> Value {
    json!({
        "event": "report", "added": "count", "updated": "count", "unchanged": "count",
        "failed": [{"path": "string", "reason": "string", "code": "string", "part?": "string"}],
        "removed": "count", "pages": "count", "chunks": "count", "seconds": "number", "stopped": "bool"
    })
}
