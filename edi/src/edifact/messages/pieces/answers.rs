//! What is said about other messages: APERAK and CONTRL.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

use super::heading::{Reference, Text};

pieces! {
    /// ERC: what an application found wrong.
    ApplicationError "ERC" {
        /// 9321.
        code: code(1, 1),
        /// 1131.
        list: text(1, 2),
        /// 3055.
        agency: text(1, 3),
    } holds {
        /// FTX.
        texts: Text,
        /// RFF.
        references: Reference,
    }

    /// UCI: what is said about an interchange.
    InterchangeResponse "UCI" {
        /// 0020 of its UNB.
        reference: code(1, 1),
        /// 0004.
        sender: text(2, 1),
        /// 0007 of the sender.
        sender_qualifier: text(2, 2),
        /// 0008.
        sender_internal: text(2, 3),
        /// 0010.
        recipient: text(3, 1),
        /// 0007 of the recipient.
        recipient_qualifier: text(3, 2),
        /// 0014.
        recipient_internal: text(3, 3),
        /// 0083: `4` rejected, `7` acknowledged, `8` received.
        action: code(4, 1),
        /// 0085.
        error: text(5, 1),
        /// 0013, the service segment at fault.
        segment: text(6, 1),
        /// 0098, the element in it; the tag is 1.
        element: number(7, 1),
        /// 0104.
        component: number(7, 2),
    } holds {
        /// UCM.
        messages: MessageResponse,
        /// UCF.
        groups: GroupResponse,
    }

    /// UCF: what is said about a group.
    GroupResponse "UCF" {
        /// 0048 of its UNG.
        reference: code(1, 1),
        /// 0040.
        sender: text(2, 1),
        /// 0044.
        recipient: text(3, 1),
        /// 0083.
        action: code(4, 1),
        /// 0085.
        error: text(5, 1),
        /// 0013.
        segment: text(6, 1),
    } holds {
        /// UCM.
        messages: MessageResponse,
    }

    /// UCM: what is said about a message.
    MessageResponse "UCM" {
        /// 0062 of its UNH.
        reference: code(1, 1),
        /// 0065.
        kind: text(2, 1),
        /// 0052.
        version: text(2, 2),
        /// 0054.
        release: text(2, 3),
        /// 0051.
        agency: text(2, 4),
        /// 0057.
        association: text(2, 5),
        /// 0083.
        action: code(3, 1),
        /// 0085.
        error: text(4, 1),
        /// 0013.
        segment: text(5, 1),
    } holds {
        /// UCS.
        segments: SegmentResponse,
    }

    /// UCS: what is said about a segment.
    SegmentResponse "UCS" {
        /// 0096, its position in the message; UNH is 1.
        position: code(1, 1),
        /// 0085.
        error: text(2, 1),
    } holds {
        /// UCD.
        elements: ElementResponse,
    }

    /// UCD: what is said about an element.
    ElementResponse "UCD" {
        /// 0085.
        error: code(1, 1),
        /// 0098, its position in the segment; the tag is 1.
        element: code(2, 1),
        /// 0104, the component.
        component: text(2, 2),
    } holds {}
}
