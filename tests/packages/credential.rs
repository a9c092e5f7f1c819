//! The store's key as the service manager gives it, apart from the store.

use std::fs;

use crate::program::{Folder, Program, refused};

const ANY_PORT: &str = "127.0.0.1:0";

#[test]
fn a_given_key_opens_its_own_store_and_never_lies_beside_it() {
    let folder = Folder::new();
    folder.file("linekey.key", "0123456789abcdef0123456789abcdef");
    let given = [("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())];
    let data = folder.data();
    let flags = ["--data", &data, "--http", ANY_PORT];
    drop(Program::start_with(&flags, &given));
    assert!(!fs::exists(format!("{data}/linekey.key")).unwrap());
    drop(Program::start_with(&flags, &given));
    let (status, said) = refused(&flags, &[]);
    assert!(status == 2 && said.contains("kept elsewhere"), "{said}");
    folder.file("linekey.key", "another-another-another-another-");
    let (status, said) = refused(&flags, &given);
    assert!(status == 2 && said.contains("is not the key of this store"), "{said}");
}

#[test]
fn a_key_that_is_moved_away_opens_its_store() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", &data, "--http", ANY_PORT];
    drop(Program::start(&flags));
    fs::rename(format!("{data}/linekey.key"), folder.path().join("linekey.key")).unwrap();
    let given = [("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())];
    drop(Program::start_with(&flags, &given));
    drop(Program::start_with(&flags, &given));
}

#[test]
fn a_lost_store_is_no_first_start_though_its_key_is_given() {
    let folder = Folder::new();
    folder.file("linekey.key", "0123456789abcdef0123456789abcdef");
    let given = [("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())];
    let data = folder.data();
    let flags = ["--data", &data, "--http", ANY_PORT];
    drop(Program::start_with(&flags, &given));
    fs::remove_file(format!("{data}/linekey.redb")).unwrap();
    let (status, said) = refused(&flags, &given);
    assert!(status == 2 && said.contains("though there was one"), "{said}");
    let anew = [&flags[..], &["--factory-reset", "--yes"]].concat();
    drop(Program::start_with(&anew, &given));
}
