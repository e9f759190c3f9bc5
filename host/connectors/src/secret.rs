//! A secret from the environment or a file: it can be used, but not printed, logged or serialized.

use crossdock_flow::{Code, Fault};
use std::{fmt, path::Path};

/// The largest secret file that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// A token, API key or webhook secret. `Debug` and `Display` show `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret that is already in hand. Fails with E602 when it is empty.
    pub fn new(text: impl Into<String>) -> Result<Secret, Fault> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(Fault::new(Code::Settings, "the secret is empty"));
        }
        Ok(Secret(text))
    }

    /// Reads an environment variable. Fails with E602 when it is not set, empty or no UTF-8.
    #[allow(clippy::disallowed_methods, reason = "the one place where secrets are read from the environment")]
    pub fn from_env(name: &str) -> Result<Secret, Fault> {
        let text = std::env::var(name).map_err(|error| {
            let why = match error {
                std::env::VarError::NotPresent => "is not set",
                std::env::VarError::NotUnicode(_) => "is not UTF-8",
            };
            Fault::new(Code::Settings, format!("the environment variable `{name}` {why}: the settings take a secret from it")).at(name)
        })?;
        Secret::new(text).map_err(|fault| fault.at(name))
    }

    /// Reads a file, without the line end at its end. Fails with E602 when it cannot be read, is empty or over 64 KiB.
    pub fn from_file(path: &Path) -> Result<Secret, Fault> {
        let place = path.display().to_string();
        let unreadable = |why: String| Fault::new(Code::Settings, format!("the secret file cannot be read: {why}")).at(&place);
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > MAX_FILE {
            return Err(unreadable("it is over 64 KiB, so it is not a secret".into()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Secret::new(text.trim_end_matches(['\r', '\n'])).map_err(|fault| fault.at(&place))
    }

    /// The secret itself. Only for handing it to whoever checks it; never for a message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::new("hunter2").unwrap();
        assert_eq!(format!("{secret} {secret:?} {:#?}", Some(&secret)).matches("hunter").count(), 0);
        assert_eq!(secret.reveal(), "hunter2");
    }

    #[test]
    fn it_comes_from_a_file_without_the_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "two words\r\n").unwrap();
        assert_eq!(Secret::from_file(file.path()).unwrap().reveal(), "two words");
        std::fs::write(file.path(), "\n").unwrap();
        assert_eq!(Secret::from_file(file.path()).unwrap_err().code, Code::Settings);
        std::fs::write(file.path(), vec![b'x'; MAX_FILE as usize + 1]).unwrap();
        assert_eq!(Secret::from_file(file.path()).unwrap_err().code, Code::Settings);
    }

    #[test]
    fn it_comes_from_the_environment() {
        assert!(!Secret::from_env("PATH").unwrap().reveal().is_empty());
        let fault = Secret::from_env("CROSSDOCK_NO_SUCH_VARIABLE").unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Settings, Some("CROSSDOCK_NO_SUCH_VARIABLE")));
    }
}
