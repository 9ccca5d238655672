//! Which segments a message is made of, and in which order.
//!
//! A row names segments in their order; `(…)` is a group, opened by its first segment. `!` marks what must be there,
//! `~` what should be: its absence is told and refuses nothing. A number is how often something may stand.

use std::sync::LazyLock;

use crate::tree::{Rule, parse};

/// The messages that are read, by UNH 0065. The order and the needs are those of D.96A with what D.01B adds.
const ROWS: &[(&str, &str)] = &[
    ("APERAK", "BGM! DTM9 FTX99 CNT9 (DOC DTM99)99 (RFF DTM9)9 (NAD CTA9 COM9)9 (ERC FTX9 (RFF FTX9)9)99999"),
    ("CONTRL", "UCI! (UCM (UCS UCD99)999)999999 (UCF (UCM (UCS UCD99)999)999999)999999"),
    (
        "DESADV",
        "BGM! DTM~10 ALI5 MEA5 MOA5 (RFF DTM9)10 (NAD LOC10 (RFF DTM9)10 (CTA COM5)10)10 (TOD LOC5 FTX5)5 \
         (TDT PCD6 (LOC DTM10)10)10 (EQD MEA5 SEL25 EQA5 (HAN FTX10)10)10 \
         (CPS FTX5 (PAC MEA10 QTY10 (HAN FTX10)10 (PCI RFF DTM5 GIR99 (GIN DLM100)99)1000)9999 \
         (LIN PIA10 IMD25 MEA10 QTY10 ALI10 GIN100 GIR100 DLM100 DTM5 FTX5 MOA5 (RFF DTM9)10 (DGS QTY FTX5)10 \
         (LOC NAD DTM QTY)100 (SGP QTY10)1000 (PCI DTM5 MEA10 QTY10 (GIN DLM100)10 (HAN FTX5 GIN1000)10)9999 \
         (QVR DTM5)10)9999)9999 CNT5 (AUT DTM)5",
    ),
    (
        "INVOIC",
        "BGM! DTM~35 PAI ALI5 IMD FTX10 LOC10 GIS10 DGS (RFF DTM5)99 \
         (NAD LOC25 FII5 (RFF DTM5)9999 (DOC DTM5)5 (CTA COM5)5)99 (TAX MOA LOC5)5 (CUX DTM5)5 \
         (PAT DTM5 PCD MOA PAI FII)10 (TDT TSR (LOC DTM5)10 (RFF DTM5)9999)10 (TOD LOC2)5 (EQD SEL9)10 (PAC MEA5 EQD \
         (PCI RFF DTM5 GIN5)5)1000 (ALC ALI5 (RFF DTM5)5 (QTY RNG) (PCD RNG) (MOA RNG)2 (RTE RNG) (TAX MOA)5)9999 \
         (RCS RFF DTM5 FTX5)100 (AJT FTX5)1 (INP FTX5)1 \
         (LIN PIA25 IMD10 MEA5 QTY5 PCD ALI5 DTM35 GIN1000 GIR1000 QVR EQD FTX5 DGS (MOA CUX)5 (PAT DTM5 PCD MOA)10 \
         (PRI APR RNG DTM5)25 (RFF DTM5)10 (PAC MEA10 EQD (PCI RFF DTM5 GIN10)10)10 (LOC QTY100 DTM5)9999 (TAX MOA LOC5)99 \
         (NAD LOC5 (RFF DTM5)5 (DOC DTM5)5 (CTA COM5)5)20 (ALC ALI5 DTM5 (QTY RNG) (PCD RNG) (MOA RNG)2 (RTE RNG) \
         (TAX MOA)5)30 (TDT (LOC DTM5)10)10 (TOD LOC5)5 (RCS RFF DTM5 FTX5)100)9999999 \
         UNS~ CNT10 (MOA (RFF DTM5))100 (TAX MOA9)10 (ALC ALI MOA2)15",
    ),
    (
        "ORDCHG",
        "BGM! DTM~35 PAI ALI5 IMD FTX99 GIR10 (RFF DTM5)10 (AJT FTX5)10 \
         (NAD LOC25 FII5 (RFF DTM5)10 (DOC DTM5)5 (CTA COM5)5)20 (TAX MOA LOC5)5 (CUX PCD DTM5)5 (PAT DTM5 PCD MOA)10 \
         (TDT (LOC DTM5)10)10 (TOD LOC2)5 (PAC MEA5 (PCI RFF DTM5 GIN10)5)10 (EQD HAN5 MEA5 FTX5)10 \
         (SCC FTX5 RFF5 (QTY DTM5)10)25 (APR DTM5 RNG)25 \
         (ALC ALI5 DTM5 (QTY RNG) (PCD RNG) (MOA RNG)2 (RTE RNG) (TAX MOA)5)15 (RCS RFF DTM5 FTX5)100 \
         (LIN PIA25 IMD99 MEA99 QTY99 PCD5 ALI5 DTM35 MOA10 GIN1000 GIR1000 QVR DOC5 PAI FTX99 (AJT FTX5)10 \
         (PRI CUX APR RNG DTM5)25 (RFF DTM5)10 (PAC MEA5 QTY5 DTM5 (RFF DTM5) (PCI RFF DTM5 GIN10)5)10 \
         (LOC QTY DTM5)9999 (TAX MOA LOC5)10 (NAD LOC5 FII5 (RFF DTM5)5 (DOC DTM5)5 (CTA COM5)5)20 \
         (ALC ALI5 DTM5 (QTY RNG) (PCD RNG) (MOA RNG)2 (RTE RNG) (TAX MOA)5)5 (TDT (LOC DTM5)10)10 (TOD LOC2)5 \
         (EQD HAN5 MEA5 FTX5)10 (SCC FTX5 RFF5 (QTY DTM5)10)100 (APR DTM5 RNG)10 (RCS RFF DTM5 FTX5)100 \
         (STG (QTY MOA)3)10)200000 UNS~ MOA12 CNT10 (ALC ALI MOA2)10",
    ),
    ("ORDERS", "= ORDCHG"),
    ("ORDRSP", "= ORDCHG"),
    (
        "RECADV",
        "BGM! DTM~10 ALI5 (RFF DTM9)10 (DOC DTM9)10 (NAD~ LOC10 (RFF DTM9)10 (CTA COM5)10)10 (TOD LOC5)5 \
         (TDT (LOC DTM10)10)10 (EQD MEA5 SEL25 (HAN FTX10)10)10 (CCI MEA10)10 \
         (CPS FTX5 (PAC QVR10 MEA10 QTY10 (CDI INP5)10 (PCI RFF DTM5 GIR99 (GIN DLM100 (CDI INP5)10)99)1000)9999 \
         (LIN PIA10 IMD25 MEA10 QTY10 QVR10 DTM10 FTX5 PRI5 (CDI INP5)10 (DOC DTM9)10 (GIN (CDI INP5)10)100 (RFF DTM9)10 \
         (LOC QTY DTM5)100 (NAD RFF CTA5)10 (PCI DTM5 QTY10 QVR10 (GIN DLM100)10)9999)9999)9999 CNT5",
    ),
];

static GRAMMARS: LazyLock<Vec<(&'static str, Vec<Rule>)>> = LazyLock::new(|| {
    let row = |kind: &str| ROWS.iter().find(|(of, _)| *of == kind).map_or("", |(_, row)| *row);
    ROWS.iter().map(|(kind, text)| (*kind, parse(text.strip_prefix("= ").map_or(*text, row)))).collect()
});

/// The rules of a message between UNH and UNT.
pub(crate) fn of(kind: &str) -> Option<&'static [Rule]> {
    GRAMMARS.iter().find(|(of, _)| *of == kind).map(|(_, rules)| rules.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Need;

    #[test]
    fn rows_become_trees() {
        let orders = of("ORDERS").expect("a row");
        let line = orders.iter().find(|rule| rule.id == "LIN").expect("a line");
        assert_eq!((orders[0].need, orders[1].need, line.most), (Need::Must, Need::Should, 200_000));
        let group = line.group.as_ref().expect("a group");
        let schedule =
            group.iter().find(|rule| rule.id == "SCC").and_then(|rule| rule.group.as_ref()).expect("a group");
        assert_eq!(schedule.iter().map(|rule| rule.id).collect::<Vec<_>>(), ["FTX", "RFF", "QTY"]);
        assert!(schedule[2].group.is_some());
        assert_eq!(
            orders.iter().rev().map(|rule| rule.id).take(4).collect::<Vec<_>>(),
            ["ALC", "CNT", "MOA", "UNS"]
        );
        for (kind, _) in ROWS {
            assert!(of(kind).is_some_and(|rules| rules.len() > 1), "{kind}");
        }
    }
}
