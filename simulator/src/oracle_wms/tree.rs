//! Documents as a tree of names and texts. Our own reading of XML: the connector's is not to be trusted here.
use quick_xml::Reader;
use quick_xml::events::Event;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of a child; nothing is nothing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }
}

/// Reads a document. The error is in words.
pub(super) fn read(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                open.push(Node { name, ..Node::default() });
            }
            Event::End(_) => {
                let done = open.pop().ok_or("an element ends that did not begin")?;
                open.last_mut().ok_or("an element ends that did not begin")?.children.push(done);
            }
            Event::Text(text) => add(&mut open, &text.decode().map_err(|error| error.to_string())?),
            Event::CData(text) => add(&mut open, &text.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().map_err(|error| error.to_string())?;
                let name = name.decode().map_err(|error| error.to_string())?;
                let known = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                let text = character.map(String::from).or(known).ok_or("an unknown entity")?;
                add(&mut open, &text);
            }
            Event::DocType(_) => return Err("DTDs are not supported".to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty()).ok_or("the document is not closed")?;
    root.children.into_iter().next().ok_or_else(|| "no element found".to_owned())
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}
