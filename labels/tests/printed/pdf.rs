use std::fs;

use quayside_labels::{Label, Size, pdf};

use crate::{
    samples,
    tools::{draw_pdf, folder, run, scan},
};

#[test]
fn a_scanner_reads_the_drawn_label() {
    for size in [Size::FourBySix, Size::A6] {
        for dpi in [203, 300] {
            for (name, label, expected) in samples::all() {
                let folder = folder(&format!("pdf-{name}-{size:?}-{dpi}"));
                let pages = draw_pdf(&pdf(&[label], size), &folder, dpi);
                assert_eq!(scan(&pages[0]), expected, "{name}, {size:?}, {dpi} dpi");
            }
        }
    }
}

#[test]
fn many_labels_are_one_page_each_in_the_order_given() {
    let labels: Vec<Label> = samples::all().into_iter().map(|(_, label, _)| label).collect();
    let pages = draw_pdf(&pdf(&labels, Size::FourBySix), &folder("pdf-many"), 203);
    assert_eq!(pages.len(), 4);
    for (page, (name, _, expected)) in pages.iter().zip(samples::all()) {
        assert_eq!(scan(page), expected, "{name}");
    }
    assert_eq!(pdf(&labels, Size::A6), pdf(&labels, Size::A6), "the same labels make the same bytes");
}

#[test]
fn a_reader_finds_the_words_and_none_leaves_the_page() {
    for (size, page) in [(Size::FourBySix, (288.0, 432.0)), (Size::A6, (297.64, 419.53))] {
        for (name, label, _) in samples::all() {
            let folder = folder(&format!("text-{name}-{size:?}"));
            let (source, target) = (folder.join("label.pdf"), folder.join("label.html"));
            fs::write(&source, pdf(&[label], size)).unwrap();
            run("pdftotext", &["-bbox".as_ref(), source.as_os_str(), target.as_os_str()]);
            let html = fs::read_to_string(&target).unwrap();
            let words = words(&html);
            assert!(
                words.iter().any(
                    |word| word.text == "(00)106141411234567897" || word.text == "(00)306141410000000013"
                )
            );
            if name == "awkward" {
                assert!(words.iter().any(|word| word.text == "Lódz"), "{html}");
            }
            for word in words {
                let inside =
                    word.left >= 0.0 && word.top >= 0.0 && word.right <= page.0 && word.foot <= page.1;
                assert!(inside, "{name}, {size:?}: {word:?}");
            }
        }
    }
}

#[derive(Debug)]
struct Word<'a> {
    left: f64,
    top: f64,
    right: f64,
    foot: f64,
    text: &'a str,
}

fn words(html: &str) -> Vec<Word<'_>> {
    html.lines().filter_map(|line| line.trim().strip_prefix("<word ")).map(word).collect()
}

fn word(line: &str) -> Word<'_> {
    let measure = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let (_, text) = line.split_once('>').unwrap();
    let text = text.trim_end_matches("</word>");
    Word { left: measure("xMin"), top: measure("yMin"), right: measure("xMax"), foot: measure("yMax"), text }
}
