//! Files with passwords.

use std::collections::BTreeMap;
use std::sync::Arc;

use citadel_core::PageStatus;
use citadel_parse::Options;
use libtest_mimic::Trial;
use pdf_extract::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter};
use pdf_extract::{Document, EncryptionState, EncryptionVersion, Object, Permissions, StringFormat};

use crate::common::shared;
use crate::support::{Reader, for_both, options, outline, read_path, read_with};
use crate::writer::{Page, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = for_both("locked::kinds", kinds);
    trials.extend(for_both("locked::real_files", real_files));
    trials
}

const TEXT: &str = "Nobody reads this without the key.";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Rc4With40Bits,
    Rc4With128Bits,
    Aes128,
    Aes256,
}

fn locked(kind: Kind, owner_password: &str, user_password: &str) -> Vec<u8> {
    let plain = pdf(&[Page::default().lines(72.0, 700.0, &[TEXT])], "", &[]);
    let mut document = Document::load_mem(&plain).unwrap();
    let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    let permissions = Permissions::all();
    let (stream_filter, string_filter) = (b"StdCF".to_vec(), b"StdCF".to_vec());
    let filters = |filter: Arc<dyn CryptFilter>| BTreeMap::from([(b"StdCF".to_vec(), filter)]);
    let version = match kind {
        Kind::Rc4With40Bits => {
            EncryptionVersion::V1 { document: &document, owner_password, user_password, permissions }
        }
        Kind::Rc4With128Bits => EncryptionVersion::V2 {
            document: &document,
            owner_password,
            user_password,
            key_length: 128,
            permissions,
        },
        Kind::Aes128 => EncryptionVersion::V4 {
            document: &document,
            encrypt_metadata: true,
            crypt_filters: filters(Arc::new(Aes128CryptFilter)),
            stream_filter,
            string_filter,
            owner_password,
            user_password,
            permissions,
        },
        Kind::Aes256 => EncryptionVersion::V5 {
            encrypt_metadata: true,
            crypt_filters: filters(Arc::new(Aes256CryptFilter)),
            file_encryption_key: &[42; 32],
            stream_filter,
            string_filter,
            owner_password,
            user_password,
            permissions,
        },
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn kinds(reader: Reader) {
    let check = |name: &str, bytes: &[u8], passwords: &[&str], expected: Result<&str, &'static str>| {
        let passwords = passwords.iter().map(|p| (*p).to_owned()).collect();
        let got = read_with(bytes, Options { passwords, ..options(reader) }).map(|d| outline(&d));
        assert_eq!(got, expected.map(|text| format!("p {text}")), "{name}");
    };
    for kind in [Kind::Rc4With40Bits, Kind::Rc4With128Bits, Kind::Aes128, Kind::Aes256] {
        let name = &format!("{kind:?}");
        let file = locked(kind, "owner", "user");
        check(name, &file, &[], Err("encrypted"));
        check(name, &file, &["wrong"], Err("encrypted"));
        check(name, &file, &["", "wrong", "user"], Ok(TEXT));
        // The built-in reader cannot take the key from the owner's password up to 128 bits.
        let is_known = reader == Reader::Pdfium || kind == Kind::Aes256;
        check(name, &file, &["owner"], if is_known { Ok(TEXT) } else { Err("encrypted") });
        check(name, &file, &["a\0b", "user", "wrong"], Ok(TEXT));
        // Some rights need a password, reading does not.
        check(name, &locked(kind, "owner", ""), &[], Ok(TEXT));
    }
}

fn real_files(reader: Reader) {
    let Some(pdfs) = shared("pdfs") else { return };
    let list = std::fs::read_to_string(pdfs.join("files.jsonl")).unwrap();
    let facts = list.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut count = 0;
    for facts in facts {
        let (Some(path), Some(password)) = (facts["path"].as_str(), facts["password"].as_str()) else {
            continue;
        };
        count += 1;
        let path = pdfs.join("corpus").join(path);
        assert_eq!(read_path(&path, options(reader)).map(|d| d.title), Err("encrypted"), "{path:?}");
        let passwords = vec!["wrong".to_owned(), password.to_owned()];
        let document = read_path(&path, Options { passwords, ..options(reader) }).unwrap();
        assert!(document.pages.iter().all(|page| page.status == PageStatus::Text), "{path:?}");
    }
    assert_eq!(count, 2);
}
