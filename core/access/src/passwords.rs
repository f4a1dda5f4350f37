//! argon2id hashes of passwords, and bcrypt hashes that were imported, created and checked off the serving threads, a bounded number at a
//! time: a burst of sign-ins must not take the machine's cores and memory.

use crate::secret::fill_random;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Longest password, in bytes of UTF-8.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Number of waiting requests above which the next is refused.
const MAX_WAITING: usize = 64;

/// Largest cost of a bcrypt hash that is checked: each step doubles the time. Strapi uses 10.
const MAX_BCRYPT_COST: u32 = 14;

/// A hash of a password that nobody knows, with the usual parameters: the password of an unknown user is checked against it,
/// so that it takes as long.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y2Fpcm4tbm9ib2R5ISE$uEB1wTTtBrVV8iExP4Vq0mJm2wQyCvpEo1B5wvFbHqg";

/// Why a password was not hashed or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is longer than [`MAX_PASSWORD_BYTES`].
    #[error("password must be at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// It contains a NUL.
    #[error("password must not contain a NUL character")]
    Nul,
    /// Too many are waiting already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hashing itself failed.
    #[error("hashing failed")]
    Failed,
}

/// Hashes and checks passwords. Cloning is cheap; clones share the bound.
#[derive(Clone)]
pub struct Passwords {
    queue: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    /// Uses half of the cores, four at most: the rest serves requests.
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, |n| (n.get() / 2).min(4)))
    }
}

impl Passwords {
    /// Allows `at_once` hashes at a time (each takes 19 MiB).
    pub fn new(at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self { queue: Arc::new(Semaphore::new(at_once + MAX_WAITING)), running: Arc::new(Semaphore::new(at_once)) }
    }

    /// Hashes a new password, in PHC form.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = normalize_password(password)?;
        self.run_bounded(move || {
            let mut salt = [0; 16];
            fill_random(&mut salt).map_err(|_| PasswordError::Failed)?;
            let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordError::Failed)?;
            let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
            hash.map(|h| h.to_string()).map_err(|_| PasswordError::Failed)
        })
        .await?
    }

    /// True if a password matches a hash. With `None` (no such user, or no password set) it returns false after the same time; the same
    /// applies to a hash that cannot be parsed.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
        let (typed, password) = (password.to_owned(), normalize_password(password)?);
        let hash = hash.map(str::to_owned);
        self.run_bounded(move || {
            if let Some(hash) = hash.as_deref().filter(|hash| is_bcrypt_hash(hash)) {
                // Strapi hashes passwords as they were typed, without normalising them.
                return bcrypt::verify(&typed, hash).unwrap_or(false);
            }
            let password_hash = hash.as_deref().and_then(|h| PasswordHash::new(h).ok());
            let real = password_hash.is_some();
            let Some(hash) = password_hash.or_else(|| PasswordHash::new(DUMMY_HASH).ok()) else { return false };
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && real
        })
        .await
    }

    async fn run_bounded<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.queue.clone().try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        // Both permits move into the job: a cancelled request holds its place until the hashing is done.
        let job = move || {
            let result = work();
            drop((place, turn));
            result
        };
        tokio::task::spawn_blocking(job).await.map_err(|_| PasswordError::Failed)
    }
}

/// True if a hash is one of bcrypt, as imports bring them, with a cost of at most [`MAX_BCRYPT_COST`]: a higher one would take seconds to check.
pub(crate) fn is_bcrypt_hash(hash: &str) -> bool {
    let cost = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix)?.get(..2)?.parse().ok());
    cost.is_some_and(|cost: u32| cost <= MAX_BCRYPT_COST)
}

/// Normalises a password to NFKC, so that one typed on another keyboard is the same. Nothing is truncated.
fn normalize_password(password: &str) -> Result<String, PasswordError> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.contains('\0') {
        return Err(PasswordError::Nul);
    }
    Ok(password.nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_hashed_password_verifies() {
        let p = Passwords::new(2);
        let hash = p.hash("Passw0rd!").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(p.verify("Passw0rd!", Some(&hash)).await.unwrap());
        assert!(!p.verify("passw0rd!", Some(&hash)).await.unwrap());
        assert!(!p.verify("Passw0rd!", None).await.unwrap());
        assert!(!p.verify("Passw0rd!", Some("no hash")).await.unwrap());
        assert_ne!(hash, p.hash("Passw0rd!").await.unwrap(), "salted");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn passwords_are_normalised_and_not_truncated() {
        let p = Passwords::new(2);
        let long = "x".repeat(100);
        let hash = p.hash(&format!("{long}a")).await.unwrap();
        assert!(!p.verify(&format!("{long}b"), Some(&hash)).await.unwrap());
        let composed = p.hash("caf\u{e9}").await.unwrap();
        assert!(p.verify("cafe\u{301}", Some(&composed)).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn too_long_passwords_and_nul_are_rejected() {
        let p = Passwords::new(2);
        assert_eq!(p.hash(&"x".repeat(1025)).await, Err(PasswordError::TooLong));
        assert_eq!(p.verify("a\0b", None).await, Err(PasswordError::Nul));
        assert!(p.hash(&"x".repeat(1024)).await.is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn requests_beyond_the_queue_are_rejected_as_busy() {
        let p = Passwords::new(1);
        let tries: Vec<_> = (0..MAX_WAITING + 20)
            .map(|_| {
                tokio::spawn({
                    let p = p.clone();
                    async move { p.run_bounded(|| std::thread::sleep(std::time::Duration::from_millis(5))).await }
                })
            })
            .collect();
        let mut busy = 0;
        for t in tries {
            busy += usize::from(t.await.unwrap() == Err(PasswordError::Busy));
        }
        assert!(busy > 0 && busy <= 20, "{busy} refused");
        assert!(p.verify("again", None).await.is_ok(), "the places are free again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn imported_hashes_are_checked() {
        let p = Passwords::new(1);
        // A hash made by Strapi.
        let hash = "$2a$10$M1Z9uNW5V94dZyVjr10UxehzAeVr3RiexsLO/lPYrA5ZPjUibF4m2";
        assert!(is_bcrypt_hash(hash));
        assert!(p.verify("Passw0rd-of-Ann", Some(hash)).await.unwrap());
        assert!(!p.verify("Passw0rd-of-Bob", Some(hash)).await.unwrap());
        let costly = "$2a$31$M1Z9uNW5V94dZyVjr10UxehzAeVr3RiexsLO/lPYrA5ZPjUibF4m2";
        for broken in ["$2a$10$short", costly, "$2x$10$", "$2a$"] {
            assert!(!p.verify("Passw0rd-of-Ann", Some(broken)).await.unwrap(), "{broken}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn unknown_users_take_as_long_to_verify() {
        let p = Passwords::new(1);
        let hash = p.hash("Passw0rd!").await.unwrap();
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for _ in 0..9 {
            let t = Instant::now();
            p.verify("wrong", Some(&hash)).await.unwrap();
            known.push(t.elapsed());
            let t = Instant::now();
            p.verify("wrong", None).await.unwrap();
            unknown.push(t.elapsed());
        }
        known.sort();
        unknown.sort();
        let (a, b) = (known[4].as_secs_f64(), unknown[4].as_secs_f64());
        // Coarse on purpose (the suite shares its machine); a missing dummy hash would be a factor of a thousand.
        assert!(b > a / 3.0 && b < a * 3.0, "{a} against {b}");
    }
}
