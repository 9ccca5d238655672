//! Programs of others: a PDF reader, a label printer and a scanner.
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine, prelude::BASE64_STANDARD};

/// A fresh folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("labels").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the program printed. It must be there and succeed.
pub(crate) fn run(program: &str, arguments: &[&OsStr]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup-test installs it"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Draws the pages and returns the pictures in their order.
pub(crate) fn draw_pdf(pdf: &[u8], folder: &Path, dpi: u32) -> Vec<PathBuf> {
    let source = folder.join("labels.pdf");
    fs::write(&source, pdf).unwrap();
    let dpi = dpi.to_string();
    let (source, target) = (source.as_os_str(), folder.join("page"));
    run("pdftoppm", &["-r".as_ref(), dpi.as_ref(), "-png".as_ref(), source, target.as_os_str()]);
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension() == Some(OsStr::new("png")));
    pages.sort();
    pages
}

/// Prints one label.
pub(crate) fn print_zpl(zpl: &str, folder: &Path, dpi: u32) -> PathBuf {
    let (source, picture) = (folder.join("label.zpl"), folder.join("label.png"));
    fs::write(&source, ascii_only(zpl)).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = root.join("../.test/tools/zplkit");
    assert!(tools.exists(), "{} is missing; scripts/setup-test installs it", tools.display());
    let output = Command::new("python3")
        .env("PYTHONPATH", tools)
        .arg(root.join("tests/printer/print.py"))
        .args([source.as_os_str(), dpi.to_string().as_ref(), picture.as_os_str()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    picture
}

/// zplkit draws the letters of ASCII only and refuses others, where a printer leaves out what it lacks.
fn ascii_only(zpl: &str) -> String {
    let mut parts = zpl.split('_');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.as_bytes() {
            [b'8'..=b'9' | b'A'..=b'F', second, ..] if second.is_ascii_hexdigit() => {
                kept.push('x');
                kept.push_str(&part[2..]);
            }
            _ => {
                kept.push('_');
                kept.push_str(part);
            }
        }
    }
    kept
}

/// What a scanner reads, sorted. Every symbol must be Code 128 with FNC1 in front: GS1-128.
pub(crate) fn scan(picture: &Path) -> Vec<String> {
    let arguments = ["--quiet", "--xml"].map(OsStr::new);
    let found = run("zbarimg", &[&arguments[..], &[picture.as_os_str()]].concat());
    let mut read: Vec<String> = found.split("<symbol ").skip(1).map(payload).collect();
    read.sort();
    read
}

/// zbar writes `<data>` as it is, or in base64 where XML could not carry it.
fn payload(symbol: &str) -> String {
    let (head, rest) = symbol.split_once('>').unwrap();
    assert!(head.contains("type='CODE-128'") && head.contains("modifiers='GS1'"), "not GS1-128: {head}");
    let (kind, rest) = rest.split_once("<![CDATA[").unwrap();
    let (text, _) = rest.split_once("]]>").unwrap();
    if kind.contains("base64") {
        String::from_utf8(BASE64_STANDARD.decode(text.replace('\n', "")).unwrap()).unwrap()
    } else {
        text.to_owned()
    }
}
