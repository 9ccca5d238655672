use std::{env, fs, path::Path, slice};

use quayside_labels::{Density, Label, Size, zpl};

use crate::{
    samples,
    tools::{folder, print_zpl, scan},
};

#[test]
fn a_scanner_reads_the_printed_label() {
    for (density, dpi) in [(Density::Dpi203, 203), (Density::Dpi300, 300)] {
        for size in [Size::FourBySix, Size::A6] {
            for (name, label, expected) in samples::all() {
                let folder = folder(&format!("zpl-{name}-{size:?}-{dpi}"));
                let picture = print_zpl(&zpl(&[label], size, density), &folder, dpi);
                assert_eq!(scan(&picture), expected, "{name}, {size:?}, {dpi} dpi");
            }
        }
    }
}

#[test]
fn labels_follow_each_other() {
    let labels: Vec<Label> = samples::all().into_iter().map(|(_, label, _)| label).collect();
    let together = zpl(&labels, Size::A6, Density::Dpi203);
    let apart: String =
        labels.iter().map(|label| zpl(slice::from_ref(label), Size::A6, Density::Dpi203)).collect();
    assert_eq!(together, apart);
    assert!(together.is_ascii(), "what is not ASCII is escaped");
    for command in together.split('^').skip(1) {
        let known = ["XA", "CI28", "PW", "LL", "LH", "FO", "A0N", "FH", "FD", "FS", "GB", "BY", "BCN", "XZ"];
        assert!(known.iter().any(|known| command.starts_with(known)), "^{command}");
    }
    assert!(!together.contains('~'), "a tilde would begin a command");
}

/// What printers get today. `UPDATE_GOLDEN=1 cargo test -p quayside-labels` writes the files again.
#[test]
fn the_zpl_is_what_it_was() {
    for (density, dpi) in [(Density::Dpi203, 203), (Density::Dpi300, 300)] {
        for (name, label) in [("pallet", samples::pallet()), ("mixed", samples::mixed())] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}-{dpi}.zpl"));
            let written = zpl(&[label], Size::FourBySix, density);
            if env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&path, &written).unwrap();
            }
            let golden = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(written, golden, "{}", path.display());
        }
    }
}
