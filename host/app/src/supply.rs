//! Where a plugin's bytes come from: read once, within the size, from a plain file; the pinned version and no other; signed
//! by somebody trusted, where the settings name trusted keys. What passes here is what is compiled.

use crossdock_flow::{Code, Fault};
use minisign_verify::{PublicKey, Signature};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Most of a signature file that is read, in bytes.
const MOST_SIGNATURE: u64 = 16 << 10;

/// Reads a plugin's file. Fails with E121 when it is no plain file or cannot be read, with E124 when it is too large, with
/// E129 when it is not the pinned one or nobody trusted signed it.
pub(crate) fn read(path: &Path, cap: u64, pinned: Option<&str>, trusted: &[PublicKey]) -> Result<Vec<u8>, Fault> {
    let place = path.display().to_string();
    let bytes = match plain(path, cap.saturating_add(1)) {
        Ok(bytes) if bytes.len() as u64 > cap => {
            return Err(Fault::new(Code::PluginSize, "the file is too large").at(place).limit("size", format!("{cap} bytes"), None));
        }
        Ok(bytes) => bytes,
        Err(error) => return Err(Fault::new(Code::NotWasm, format!("it cannot be read: {error}")).at(place)),
    };
    if let Some(pinned) = pinned {
        let found = sha256(&bytes);
        if found != pinned {
            return Err(Fault::new(Code::Supply, format!("the file is version {found}, but the settings pin {pinned}")).at(place));
        }
    }
    if !trusted.is_empty() {
        signed(path, &bytes, trusted).map_err(|why| Fault::new(Code::Supply, why).at(place))?;
    }
    Ok(bytes)
}

/// At most so many bytes of a file that is one: no folder, pipe or device, also when it was put there a moment ago.
fn plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let no_file = || io::Error::other("it is not a file");
    if !fs::metadata(path)?.is_file() {
        return Err(no_file());
    }
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(no_file());
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn signed(path: &Path, bytes: &[u8], trusted: &[PublicKey]) -> Result<(), String> {
    let beside = signature(path);
    let told = |what: &str| format!("{what}; sign it: minisign -S -m {}", path.display());
    let text = plain(&beside, MOST_SIGNATURE).map_err(|_| told("it is not signed, and the settings name trusted keys"))?;
    let signature =
        String::from_utf8(text).ok().and_then(|text| Signature::decode(&text).ok()).ok_or_else(|| told("its signature cannot be read"))?;
    if trusted.iter().any(|key| key.verify(bytes, &signature, false).is_ok()) {
        return Ok(());
    }
    Err(told("its signature is by none of the trusted keys, or of another file"))
}

/// Where the signature of a file is looked for.
pub(crate) fn signature(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.minisig", path.display()))
}

/// sha256, hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of minisign's own documentation: a signature of the file `test`.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==";

    fn why(path: &Path, pinned: Option<&str>, trusted: &[PublicKey]) -> (Code, String) {
        let fault = read(path, 100, pinned, trusted).unwrap_err();
        (fault.code, fault.message)
    }

    #[test]
    fn only_what_somebody_trusted_signed_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (file, beside) = (folder.path().join("p.wasm"), folder.path().join("p.wasm.minisig"));
        let trusted = [PublicKey::from_base64(KEY).unwrap()];
        fs::write(&file, "test").unwrap();
        assert!(why(&file, None, &trusted).1.contains("it is not signed"));
        fs::write(&beside, "nonsense").unwrap();
        assert!(why(&file, None, &trusted).1.contains("cannot be read"));
        fs::write(&beside, SIGNATURE).unwrap();
        assert_eq!(read(&file, 100, None, &trusted).unwrap(), b"test");
        fs::write(&file, "tesT").unwrap();
        assert_eq!(why(&file, None, &trusted).0, Code::Supply);
        let stranger = PublicKey::from_base64("RWTBeeLzgqaJR6/3oXWqMRPtKUp8eA8HPPF2FH8nKXAuoRvBCzDY1UPV");
        if let Ok(stranger) = stranger {
            fs::write(&file, "test").unwrap();
            assert_eq!(why(&file, None, &[stranger]).0, Code::Supply, "signed, but by somebody else");
        }
    }

    #[test]
    fn only_the_pinned_version_is_read_and_only_from_a_plain_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.wasm");
        fs::write(&file, "test").unwrap();
        assert!(read(&file, 4, Some(&sha256(b"test")), &[]).is_ok());
        let (code, told) = why(&file, Some(&sha256(b"other")), &[]);
        assert!(code == Code::Supply && told.contains(&sha256(b"test")) && told.contains(&sha256(b"other")), "{told}");
        assert_eq!(read(&file, 3, None, &[]).unwrap_err().code, Code::PluginSize);
        assert_eq!(why(folder.path(), None, &[]).0, Code::NotWasm);
        #[cfg(unix)]
        {
            let link = folder.path().join("zero.wasm");
            std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
            assert_eq!(why(&link, None, &[]).0, Code::NotWasm, "a device behind a link");
            std::os::unix::fs::symlink(folder.path().join("gone"), folder.path().join("l.wasm")).unwrap();
            assert_eq!(why(&folder.path().join("l.wasm"), None, &[]).0, Code::NotWasm);
        }
    }
}
