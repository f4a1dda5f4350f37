//! JSON Web Tokens of content API users: HS256 with one key and one header. A token with any other header (`none`, HS384, `kid`, `jku` …)
//! is refused, so no header can confuse the check.

use crate::secret::DerivedKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// `{"alg":"HS256","typ":"JWT"}` in base64url.
const JWT_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Largest difference, in seconds, by which a token may be issued in the future; a larger one does not come from a working clock.
const MAX_CLOCK_SKEW_S: i64 = 60;

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtClaims {
    /// Numeric id of the user, as Strapi's clients expect.
    pub(crate) id: i64,
    /// Id of the session.
    pub(crate) sid: String,
    /// Document id of the user.
    pub(crate) doc: String,
    /// Issued at, in seconds since 1970.
    pub(crate) iat: i64,
    /// Expires at, in seconds since 1970.
    pub(crate) exp: i64,
}

impl JwtClaims {
    /// When the token is valid, in seconds since 1970.
    pub(crate) fn validity(&self) -> Range<i64> {
        self.iat.saturating_sub(MAX_CLOCK_SKEW_S)..self.exp
    }
}

/// Signs a token.
pub(crate) fn sign_token(key: &DerivedKey, claims: &JwtClaims) -> Result<String, serde_json::Error> {
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
    let mut token = format!("{JWT_HEADER}.{payload}");
    let mac = URL_SAFE_NO_PAD.encode(key.mac(token.as_bytes()));
    token.push('.');
    token.push_str(&mac);
    Ok(token)
}

/// True if a text has the form of our tokens.
pub(crate) fn has_jwt_form(token: &str) -> bool {
    token.strip_prefix(JWT_HEADER).is_some_and(|rest| rest.starts_with('.'))
}

/// The claims of a token, if its signature is valid and it is valid at `now` (seconds since 1970).
pub(crate) fn verify_token(key: &DerivedKey, token: &str, now: i64) -> Option<JwtClaims> {
    let (signed, mac) = token.rsplit_once('.')?;
    let payload = signed.strip_prefix(JWT_HEADER)?.strip_prefix('.')?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    if !key.verify(signed.as_bytes(), &mac) {
        return None;
    }
    let claims: JwtClaims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims.validity().contains(&now).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretKey;
    use serde_json::{Value as Json, json};

    const NOW: i64 = 1_735_725_600;

    fn key() -> DerivedKey {
        SecretKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap().derive("jwt")
    }

    fn claims() -> JwtClaims {
        JwtClaims { id: 3, sid: "s".into(), doc: "d".into(), iat: NOW, exp: NOW + 600 }
    }

    fn token(header: Json, payload: Json) -> String {
        let part = |j: &Json| URL_SAFE_NO_PAD.encode(j.to_string());
        let signed = format!("{}.{}", part(&header), part(&payload));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key().mac(signed.as_bytes())))
    }

    #[test]
    fn verified_token_returns_the_signed_claims() {
        let token = sign_token(&key(), &claims()).unwrap();
        assert!(has_jwt_form(&token));
        assert_eq!(verify_token(&key(), &token, NOW), Some(claims()));
    }

    #[test]
    fn tokens_with_other_headers_or_bad_signatures_are_rejected() {
        let payload = serde_json::to_value(claims()).unwrap();
        assert!(verify_token(&key(), &token(json!({"alg": "HS256", "typ": "JWT"}), payload.clone()), NOW).is_some());
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "None", "typ": "JWT"}),
            json!({"alg": "nOnE", "typ": "JWT"}),
            json!({"alg": "HS384", "typ": "JWT"}),
            json!({"alg": "HS512", "typ": "JWT"}),
            json!({"alg": "RS256", "typ": "JWT"}),
            json!({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}),
            json!({"alg": "HS256", "typ": "JWT", "jku": "https://example.com/keys"}),
            json!({"alg": "HS256", "typ": "JWT", "x5u": "https://example.com/keys"}),
            json!({"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": "AA"}}),
        ] {
            assert_eq!(verify_token(&key(), &token(header.clone(), payload.clone()), NOW), None, "{header}");
        }
        let unsigned = sign_token(&key(), &claims()).unwrap();
        let (signed, _) = unsigned.rsplit_once('.').unwrap();
        for bad in [
            signed.to_owned(),
            format!("{signed}."),
            format!("{signed}.AAAA"),
            "..".into(),
            "".into(),
            JWT_HEADER.into(),
        ] {
            assert_eq!(verify_token(&key(), &bad, NOW), None, "{bad}");
        }
    }

    #[test]
    fn tokens_signed_with_another_derived_key_are_rejected() {
        let other = SecretKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap().derive("refresh");
        assert_eq!(verify_token(&key(), &sign_token(&other, &claims()).unwrap(), NOW), None);
    }

    #[test]
    fn tokens_with_invalid_time_claims_are_rejected() {
        let header = || json!({"alg": "HS256", "typ": "JWT"});
        let with = |change: fn(&mut Json)| {
            let mut payload = serde_json::to_value(claims()).unwrap();
            change(&mut payload);
            verify_token(&key(), &token(header(), payload), NOW)
        };
        assert!(with(|_| {}).is_some());
        assert!(with(|p| p["exp"] = json!(NOW)).is_none(), "expired");
        assert!(with(|p| drop(p.as_object_mut().unwrap().remove("exp"))).is_none(), "no expiry");
        assert!(with(|p| p["exp"] = json!("2030")).is_none());
        assert!(with(|p| p["iat"] = json!(NOW + 61)).is_none(), "from the future");
        assert!(with(|p| p["iat"] = json!(NOW + 30)).is_some());
        assert!(with(|p| p["nbf"] = json!(NOW + 600)).is_none(), "a claim we never make");
    }
}
