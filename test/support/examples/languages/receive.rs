// Needs Rust 1.80 or newer, and the crates of the Cargo.toml above.
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::Router;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const MAX_BODY_BYTES: usize = 1_000_000;
const TOLERANCE_SECONDS: u64 = 300;
const MAX_SIGNATURES: usize = 20;

type Failure = Box<dyn std::error::Error + Send + Sync>;

// The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
static SECRETS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let list = setting("WEBHOOK_SECRETS", "");
    let decode = |text: &str| STANDARD.decode(text.trim_start_matches("whsec_"));
    list.split_whitespace()
        .map(|text| decode(text).expect("WEBHOOK_SECRETS: whsec_ and base64"))
        .collect()
});
// Yours: a table with the event id as its key.
static INBOX: LazyLock<Mutex<HashMap<String, serde_json::Value>>> = LazyLock::new(Mutex::default);

/// Every key of the file, read anew for each request: a rotation needs no restart.
fn read_keys() -> Result<Vec<VerifyingKey>, Failure> {
    let text = std::fs::read_to_string(setting("SIGNING_KEYS", "signing-keys.txt"))?;
    text.split_whitespace()
        .map(|line| {
            let raw = STANDARD.decode(line.trim_start_matches("whpk_"))?;
            Ok(VerifyingKey::from_bytes(raw.as_slice().try_into()?)?)
        })
        .collect()
}

/// Whether the deployment sent these bytes, to this target, at most five minutes ago.
fn is_genuine(headers: &HeaderMap, body: &[u8], public_keys: &[VerifyingKey]) -> bool {
    let (id, timestamp) = (header(headers, "webhook-id"), header(headers, "webhook-timestamp"));
    // Full stops between the three. A list, with a space between its signatures.
    let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let signatures = |version: &str| -> Vec<Vec<u8>> {
        header(headers, "webhook-signature")
            .split(' ')
            .take(MAX_SIGNATURES)
            .filter_map(|entry| STANDARD.decode(entry.strip_prefix(version)?).ok())
            .collect()
    };
    let is_by_secret = || signatures("v1,").iter().any(|s| SECRETS.iter().any(|key| is_hmac(key, &content, s)));
    let is_by_key = || signatures("v1a,").iter().any(|s| public_keys.iter().any(|key| is_ed25519(key, &content, s)));

    if !SECRETS.is_empty() && !(is_fresh(timestamp) && is_by_secret()) {
        return false;
    }
    (is_fresh(timestamp) && is_by_key()) || is_signed_alone(headers, body, public_keys)
}

/// The other header family, which no secret signs: nothing stands between its timestamp and the body.
fn is_signed_alone(headers: &HeaderMap, body: &[u8], public_keys: &[VerifyingKey]) -> bool {
    let timestamp = header(headers, "x-webhook-timestamp");
    let content = [timestamp.as_bytes(), body].concat();
    let signature = STANDARD.decode(header(headers, "x-webhook-signature")).unwrap_or_default();
    is_fresh(timestamp) && public_keys.iter().any(|key| is_ed25519(key, &content, &signature))
}

fn is_hmac(secret: &[u8], content: &[u8], signature: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a secret of any length");
    mac.update(content);
    mac.verify_slice(signature).is_ok()
}

fn is_ed25519(key: &VerifyingKey, content: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(content, &signature).is_ok())
}

fn is_fresh(timestamp: &str) -> bool {
    let is_number = (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    is_number && timestamp.parse::<u64>().is_ok_and(|seconds| now.abs_diff(seconds) <= TOLERANCE_SECONDS)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn setting(name: &str, fallback: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| fallback.to_owned())
}

/// The status to answer with. Extracting `Bytes` has answered 413 to what is larger.
async fn receive(headers: HeaderMap, body: Bytes) -> StatusCode {
    accept(&headers, &body).unwrap_or_else(|error| {
        eprintln!("{error}"); // For example the keys could not be read. The sender tries again.
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

fn accept(headers: &HeaderMap, body: &[u8]) -> Result<StatusCode, Failure> {
    if !is_genuine(headers, body, &read_keys()?) {
        eprintln!("Refused: no signature holds");
        return Ok(StatusCode::UNAUTHORIZED);
    }
    keep(serde_json::from_slice(body)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Every event once, by the id in its body. It is kept before the answer; the work comes afterwards.
fn keep(event: serde_json::Value) {
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    let mut inbox = INBOX.lock().expect("no holder of the lock panics");
    if inbox.insert(id.clone(), event.clone()).is_none() {
        tokio::spawn(async move { println!("Working on {} {id}", event["event"].as_str().unwrap_or_default()) });
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let port: u16 = setting("PORT", "3000").parse()?;
    let app = Router::new().route("/webhooks", post(receive)).layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await?;
    println!("Listening on {port}");
    Ok(axum::serve(listener, app).await?)
}
