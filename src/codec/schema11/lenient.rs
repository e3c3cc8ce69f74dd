//! Reading JSON objects that many programs have written: each key is taken out as the type that
//! is wanted, and what is left over is unknown.

use serde_json::{Map, Value};

/// An object being read.
pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    pub(super) fn empty() -> Self {
        Self(Map::new())
    }

    pub(super) fn value(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    /// A number, also as text or as a boolean; fractions are cut.
    pub(super) fn int(&mut self, key: &str) -> Option<i64> {
        self.value(key).as_ref().and_then(int)
    }

    /// As [`Self::int`], default when missing or out of range of the type.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, key: &str, default: T) -> T {
        self.int(key)
            .and_then(|v| T::try_from(v).ok())
            .unwrap_or(default)
    }

    pub(super) fn float(&mut self, key: &str, default: f32) -> f32 {
        self.value(key).as_ref().and_then(float).unwrap_or(default)
    }

    pub(super) fn floats(&mut self, key: &str) -> Option<Vec<f32>> {
        match self.value(key) {
            Some(Value::Array(items)) => Some(items.iter().filter_map(float).collect()),
            _ => None,
        }
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.0.remove(key) {
            None => default,
            Some(Value::Bool(v)) => v,
            Some(Value::String(text)) => text == "true" || text == "1",
            Some(other) => int(&other).unwrap_or(0) != 0,
        }
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        self.text_or(key, "")
    }

    fn text_or(&mut self, key: &str, default: &str) -> String {
        match self.value(key) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => default.to_owned(),
        }
    }

    pub(super) fn objects(&mut self, key: &str) -> Vec<Self> {
        match self.value(key) {
            Some(Value::Array(items)) => items
                .into_iter()
                .filter_map(|item| match item {
                    Value::Object(map) => Some(Self(map)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn object(&mut self, key: &str) -> Option<Self> {
        match self.value(key) {
            Some(Value::Object(map)) => Some(Self(map)),
            _ => None,
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    pub(super) fn insert_unknown(&mut self, key: &str, unknown: Self) {
        if !unknown.0.is_empty() {
            self.0.insert(key.to_owned(), Value::Object(unknown.0));
        }
    }

    /// What was not taken out, as the `other` blob; empty when there is nothing.
    pub(super) fn into_other(self) -> Vec<u8> {
        if self.0.is_empty() {
            Vec::new()
        } else {
            super::sorted_json(&Value::Object(self.0))
        }
    }
}

pub(super) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|v| v as i64)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(v) => Some(i64::from(*v)),
        _ => None,
    }
}

pub(super) fn float(value: &Value) -> Option<f32> {
    match value {
        Value::Number(number) => number.as_f64().map(|v| v as f32),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// Puts the keys of an `other` blob into `map`, except those that the format has itself.
pub(super) fn restore_other(map: &mut Map<String, Value>, other: &[u8], reserved: &[&str]) {
    let Ok(Value::Object(unknown)) = serde_json::from_slice(other) else {
        return;
    };
    for (key, value) in unknown {
        if reserved.contains(&key.as_str()) {
            continue;
        }
        match (map.get_mut(&key), value) {
            // Unknown keys of a part of the object.
            (Some(Value::Object(part)), Value::Object(unknown)) => {
                for (key, value) in unknown {
                    part.entry(key).or_insert(value);
                }
            }
            (Some(_), _) => {}
            (None, value) => {
                map.insert(key, value);
            }
        }
    }
}

/// A float as Anki writes it: shortest form of the 32-bit value, always with a point.
pub(super) fn json_float(value: f32) -> Value {
    let text = serde_json::to_string(&value).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

pub(super) fn json_floats(values: &[f32]) -> Value {
    Value::Array(values.iter().copied().map(json_float).collect())
}
