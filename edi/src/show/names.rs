//! What segments, elements and codes are called in plain words. Only for people: nothing is read by it.

/// Segments of X12 with their elements in order, `-` for one without a name worth showing. `A..` names this element
/// and all after it, in turn with the one before.
const X12: &[(&str, &str, &str)] = &[
    ("ACK", "answer to the line", "status,quantity,unit,date kind,date,request,id kind,id.."),
    ("AK1", "about the group", "kind,number,version"),
    ("AK2", "about the set", "kind,number,guide"),
    ("AK3", "segment at fault", "segment,position,loop,fault"),
    ("AK4", "element at fault", "element,data element,fault,value"),
    ("AK5", "verdict on the set", "verdict,reason,reason,reason"),
    ("AK9", "verdict on the group", "verdict,sets stated,sets received,sets accepted,reason,reason"),
    ("AMT", "amount", "kind,amount"),
    (
        "BAK",
        "beginning of the answer to an order",
        "purpose,answer,order,order date,release,request,contract,supplier's order,date",
    ),
    (
        "BCA",
        "beginning of the answer to a change",
        "purpose,answer,order,release,change number,order date,request,contract,supplier's order,date",
    ),
    (
        "BCH",
        "beginning of the change",
        "purpose,type,order,release,change number,order date,request,contract,reference,date,change date",
    ),
    ("BEG", "beginning of the order", "purpose,type,order,release,date,contract"),
    ("BGN", "beginning of the advice", "purpose,number,date,time,zone,reference"),
    ("BIG", "beginning of the invoice", "date,invoice,order date,order,release,-,type"),
    ("BRA", "beginning of the receipt", "number,date,purpose,type,time,condition,action"),
    ("BSN", "beginning of the ship notice", "purpose,shipment,date,time,structure,type,status"),
    ("CLD", "load", "loads,units in each,packaging"),
    ("CTP", "price", "class,kind,price,quantity,unit"),
    ("CTT", "totals", "count,hash total"),
    ("CUR", "currency", "whose,currency,rate"),
    ("DTM", "date", "kind,date,time,zone,format,period"),
    ("FOB", "delivery terms", "freight,place kind,place,terms of,terms,place kind,place"),
    ("HL", "level", "number,under,kind,has more below"),
    ("IK3", "segment at fault", "segment,position,loop,fault"),
    ("IK4", "element at fault", "element,data element,fault,value"),
    ("IK5", "verdict on the set", "verdict,reason,reason"),
    ("IT1", "line", "line,quantity,unit,price,price basis,id kind,id.."),
    ("ITD", "payment terms", "type,basis,discount %,discount by,discount days,net by,net days,-,-,-,-,words"),
    ("LIN", "item", "line,id kind,id.."),
    ("LQ", "industry code", "list,code"),
    ("MAN", "marks and numbers", "kind,number,up to,kind,number,up to"),
    ("MEA", "measurement", "purpose,what,value,unit"),
    ("MSG", "message", "text"),
    ("MTX", "message", "about,text"),
    ("N1", "party", "role,name,id kind,id"),
    ("N2", "more of the name", "name,name"),
    ("N3", "street", "street,street"),
    ("N4", "city", "city,state,postal code,country"),
    ("N9", "reference", "kind,reference,text,date"),
    ("NTE", "note", "about,text"),
    (
        "OTI",
        "what became of it",
        "verdict,reference kind,reference,-,-,date,time,group number,set number,set kind",
    ),
    ("PER", "contact", "function,name,kind,number,kind,number,kind,number"),
    ("PID", "description", "kind,characteristic,agency,code,text"),
    ("PKG", "packaging", "kind,characteristic,agency,code,text"),
    ("PO1", "line", "line,quantity,unit,price,price basis,id kind,id.."),
    ("PO4", "pack", "units in it,size,unit,packaging,-,weight,unit,volume,unit"),
    ("POC", "changed line", "line,change,quantity,left to receive,unit,price,price basis,id kind,id.."),
    ("PRF", "order it belongs to", "order,release,change number,date,line,contract,type"),
    ("QTY", "quantity", "kind,quantity,unit"),
    (
        "RCD",
        "received line",
        "line,received,unit,returned,unit,in question,unit,condition,in question,unit,condition",
    ),
    ("REF", "reference", "kind,reference,words"),
    (
        "SAC",
        "allowance or charge",
        "which,code,agency,agency code,amount,-,percent,rate,unit,-,-,-,-,-,words",
    ),
    ("SCH", "schedule", "quantity,unit,place kind,place,date kind,date,time,date kind,date"),
    ("SDQ", "split over places", "unit,id kind,place,quantity.."),
    ("SLN", "component", "line,of line,relation,quantity,unit,price,-,-,id kind,id.."),
    ("SN1", "shipped", "line,shipped,unit,shipped so far,ordered,unit,-,status"),
    ("TA1", "about the interchange", "number,date,time,verdict,reason"),
    ("TAX", "tax", "id,place kind,place"),
    ("TD1", "load", "packaging,packages,-,-,goods,weight kind,weight,unit,volume,unit"),
    ("TD3", "trailer or container", "kind,letters,number,-,weight,unit,-,-,seal"),
    ("TD5", "route", "sequence,carrier id kind,carrier,mode,words"),
    ("TDS", "invoice total", "total in cents,discountable,discounted,discount"),
    ("TED", "fault", "code,words,segment,position,element,-,value,new value"),
    ("TXI", "tax", "kind,amount,percent"),
];

/// Segments of EDIFACT with their components in order, elements cut by `+`.
const EDIFACT: &[(&str, &str, &str)] = &[
    ("AJT", "adjustment", "reason+line"),
    ("ALC", "allowance or charge", "which+number+settlement+sequence+service,list,agency,words"),
    (
        "BGM",
        "beginning of the message",
        "document,list,agency,name+number,version,revision+function+response",
    ),
    ("CNT", "total", "of what,total,unit"),
    ("COM", "address of a contact", "number,kind"),
    ("CPS", "level", "number+under+packaging level"),
    ("CTA", "contact", "function+id,name"),
    ("CUX", "currency", "usage,currency,kind+usage,currency,kind+rate"),
    ("DOC", "document", "kind,list,agency,name+number"),
    ("DTM", "date", "kind,date,format"),
    ("EQD", "trailer or container", "kind+number+size"),
    ("ERC", "fault", "code,list,agency"),
    ("FTX", "text", "about+function+code+text,text,text,text,text+language"),
    ("GIN", "numbers of goods", "kind+number,up to+number,up to+number,up to+number,up to+number,up to"),
    ("IMD", "description", "kind+characteristic+code,list,agency,text,text"),
    ("LIN", "line", "line+action+item,id kind+sub-line,of line"),
    ("LOC", "place", "kind+place,list,agency,name"),
    ("MEA", "measurement", "purpose+what+unit,value"),
    ("MOA", "amount", "kind,amount,currency"),
    (
        "NAD",
        "party",
        "role+id,list,agency+text,text,text,text,text+name,name,name,name,name+street,street,street,street+city+region+postal code+country",
    ),
    ("PAC", "packages", "count+level,-,terms+kind,list,agency,name"),
    ("PAT", "payment terms", "kind+code,list,agency,words,words+from,relation,period,how many"),
    ("PCD", "percentage", "kind,percent,basis"),
    ("PCI", "marks on packages", "instruction+marks,marks,marks,marks,marks,marks,marks,marks,marks,marks"),
    ("PIA", "further ids of the item", "function+id,id kind+id,id kind+id,id kind+id,id kind+id,id kind"),
    ("PRI", "price", "kind,price,type,source,per,unit"),
    ("QTY", "quantity", "kind,quantity,unit"),
    ("QVR", "difference", "difference,of+nature+reason,list,agency,words"),
    ("RFF", "reference", "kind,reference,line,version"),
    ("SCC", "schedule", "status+commitment+frequency"),
    ("TAX", "tax", "function+kind+-+-+-,-,-,rate+category"),
    ("TDT", "transport", "stage+number+mode+means+carrier,list,agency,name"),
    ("TOD", "delivery terms", "function+freight+terms,list,agency,words"),
    ("UCD", "element at fault", "fault+element,component"),
    ("UCF", "about the group", "reference+sender+recipient+action+fault"),
    ("UCI", "about the interchange", "reference+sender,kind+recipient,kind+action+fault"),
    ("UCM", "about the message", "reference+kind,version,release,agency,association+action+fault"),
    ("UCS", "segment at fault", "position+fault"),
    ("UNS", "end of the lines", "section"),
];

/// What a code means: by segment and element (X12) or segment, element and component (EDIFACT).
const CODES: &[(&str, &str)] = &[
    (
        "BEG01 BAK01 BCH01 BCA01 BSN01 BRA03 BGN01",
        "00=original,01=cancellation,04=change,05=replacement,06=confirmation,07=duplicate,11=response,19=seller's request",
    ),
    (
        "BEG02 BCH02",
        "BK=blanket,CN=consignment,DS=drop shipment,KN=purchase order,NE=new,RE=reorder,RL=release,RO=rush,SA=stand-alone",
    ),
    (
        "BAK02 BCA02",
        "AC=with detail and change,AD=with detail and no change,AE=exceptions only,AH=on hold,AK=no detail and no change,AP=replenishment,AT=accepted,NA=no answer needed,RD=rejected with detail,RF=rejected for exceptions,RJ=rejected,RO=rejected with a counter offer",
    ),
    (
        "ACK01 SN108",
        "AC=accepted and shipped,AR=released,BP=shipped in part and the rest on order,DR=accepted for another date,IA=accepted,IB=backordered,IC=accepted with changes,ID=deleted,IE=accepted and the price pending,IF=on hold incomplete,IH=on hold,IP=accepted at another price,IQ=accepted in another quantity,IR=rejected,IS=substituted,IW=on hold waived,R2=rejected for the item number,R3=rejected for the unit,SP=accepted and the date pending",
    ),
    (
        "POC02",
        "AI=added,CA=changed,CF=order cancelled,CT=dates changed,DI=deleted,MU=several changes,NC=no change,PC=price changed,PQ=price and quantity changed,QD=quantity lowered,QI=quantity raised,RB=dates replaced,RE=item replaced,RQ=date and quantity changed,RS=rescheduled,RZ=all replaced",
    ),
    (
        "BSN05",
        "0001=shipment order pack item,0002=shipment order item pack,0003=shipment pack order item,0004=shipment order item",
    ),
    ("HL03", "S=shipment,O=order,T=pallet,P=pack,Q=pack in a pack,I=item,E=equipment,F=component,K=kit"),
    ("BRA04", "1=at the dock,2=after receipt,3=disposition,8=acceptance"),
    (
        "BRA06 RCD08 RCD11 RCD14 RCD17 RCD20",
        "01=damaged,02=short,03=over,04=quality,05=wrong item,07=good,08=rejected,09=on hold,10=scrapped,16=not received",
    ),
    (
        "DTM01 ACK04 SCH05 SCH08",
        "001=cancel after,002=delivery requested,004=order date,010=shipment requested,011=shipped,017=delivery estimated,035=delivered,036=expires,037=ship not before,038=ship no later than,050=received,063=deliver no later than,064=deliver not before,067=delivery scheduled,068=shipment scheduled,069=delivery promised,079=shipment promised,106=required by",
    ),
    (
        "N101",
        "ST=ship to,SF=ship from,BT=bill to,BY=buyer,SU=supplier,VN=vendor,SE=seller,MF=maker,RI=remit to,WH=warehouse,Z7=mark for,CN=consignee,CA=carrier,DA=delivery address",
    ),
    ("N103", "1=DUNS,2=SCAC,9=DUNS+4,91=the seller's,92=the buyer's,UL=GLN,ZZ=agreed"),
    (
        "REF01 N901",
        "BM=bill of lading,CN=carrier's number,CO=customer's order,CT=contract,DP=department,IA=vendor number,LT=lot,BT=batch,PK=packing list,PO=order,SE=serial,SI=shipper's number,SN=seal,VN=seller's order,2I=tracking,MA=ship notice",
    ),
    ("MAN01 MAN04", "GM=SSCC,AA=SSCC,CP=carrier's package number,UC=shipping container,CA=case"),
    ("FOB01", "CC=collect,PP=prepaid,PC=prepaid and charged,TP=third party,DF=agreed,PU=picked up"),
    ("SAC01", "A=allowance,C=charge"),
    (
        "AK501 IK501 AK901 TA104",
        "A=accepted,E=accepted with errors,P=accepted in part,R=rejected,M=rejected for authentication,W=rejected for security,X=rejected for decryption",
    ),
    (
        "AK304 IK304",
        "1=unknown segment,2=not expected,3=missing,4=loop too often,5=segment too often,6=not in this set,7=out of order,8=has elements at fault",
    ),
    (
        "AK403 IK403",
        "1=missing,2=missing beside another,3=too many elements,4=too short,5=too long,6=wrong character,7=not a code of the list,8=not a date,9=not a time,10=excluded by another",
    ),
    (
        "AK502 IK502",
        "1=kind not read,2=trailer missing,3=numbers differ,4=wrong count,5=segments at fault,6=kind missing or wrong,7=number missing or wrong,23=number used before",
    ),
    (
        "OTI01",
        "TA=set accepted,TC=set accepted with change,TE=set accepted with errors,TP=set accepted in part,TR=set rejected,IA=item accepted,IC=item accepted with change,IE=item accepted with errors,IR=item rejected",
    ),
    (
        "PO1id LINid ACKid POCid IT1id SLNid",
        "BP=buyer's,IN=buyer's,PI=buyer's,VN=vendor's,VP=vendor's,VC=vendor's,UP=UPC,EN=EAN-13,UK=GTIN-14,UA=case code,SK=SKU,MG=maker's,CB=catalogue,LT=lot,SN=serial,PO=order",
    ),
    (
        "BGM11",
        "105=purchase order,220=order,230=change of an order,231=answer to an order,351=despatch advice,380=invoice,381=credit note,632=receiving advice,291=delivery report",
    ),
    (
        "BGM31",
        "1=cancellation,4=change,5=replacement,7=duplicate,9=original,27=not accepted,29=accepted,42=confirmation,31=copy",
    ),
    ("BGM41", "AB=acknowledged,AC=acknowledged with change,AP=accepted,RE=rejected,NA=no answer needed"),
    (
        "DTM11",
        "2=delivery requested,4=order,10=shipment requested,11=despatched,17=delivery estimated,35=delivered,36=expires,50=received,61=cancel if not delivered by,63=deliver no later than,64=deliver not before,67=delivery scheduled,69=delivery promised,132=arrival estimated,137=document,171=reference,200=collected",
    ),
    (
        "NAD11",
        "BY=buyer,CN=consignee,DP=delivery party,IV=invoicee,PE=payee,SE=seller,SF=ship from,SN=store,ST=ship to,SU=supplier,UC=ultimate consignee,WH=warehouse,CA=carrier",
    ),
    ("NAD23 LOC23", "9=GS1,91=the seller's,92=the buyer's"),
    ("LIN21", "1=added,2=deleted,3=changed,5=accepted,6=accepted with change,7=not accepted,16=proposed"),
    (
        "LIN32 PIA22 PIA32 PIA42 PIA52 PIA62",
        "BP=buyer's,IN=buyer's,SA=supplier's,VN=vendor's,VP=vendor's,MF=maker's,EN=GTIN,SRV=GTIN,UP=UPC,NB=batch,SN=serial",
    ),
    ("PIA11", "1=additional,3=substituted by,4=substituted for,5=identifies the item"),
    (
        "QTY11",
        "1=in this pack,11=split,12=despatched,21=ordered,46=delivered,47=invoiced,48=received,52=per pack,59=units per pack,83=backorder,113=to be delivered,124=damaged,194=received and accepted,195=received and not accepted,196=open",
    ),
    (
        "RFF11",
        "AAK=despatch advice,AAS=transport document,CR=customer's reference,CT=contract,DQ=delivery note,IV=invoice,LI=line,ON=order,PL=price list,VA=VAT number,VN=seller's order,ACW=message before,BM=bill of lading,SRN=shipment",
    ),
    ("PRI11", "AAA=net,AAB=gross,AAE=list,CAL=calculated,INF=for information"),
    ("GIN11", "BJ=SSCC,AW=SSCC,BN=serial,BX=batch,EE=engine,ML=mark"),
    (
        "MOA11",
        "8=allowance or charge,9=due,77=invoice,79=lines in total,86=message in total,124=tax,125=taxable,128=total,203=line",
    ),
    ("CNT11", "1=quantities,2=lines,11=packages"),
    ("TDT31", "10=sea,20=rail,30=road,40=air,50=mail"),
    ("QVR21", "AC=over-shipped,BP=the rest follows,CP=the rest does not follow,BK=the rest is on order"),
    ("UCI41 UCF41 UCM31", "4=rejected,7=acknowledged,8=received"),
    (
        "UCI51 UCF51 UCM41 UCS21 UCD11",
        "2=syntax not read,12=invalid value,13=missing,15=not supported here,16=too many,17=no agreement,18=unspecified,19=decimal mark,21=character,22=service character,26=repeated,28=references differ,29=count,37=kind of character,39=too long,40=too short",
    ),
    ("CUX13", "4=invoice,9=order,11=payment"),
    ("ALC11", "A=allowance,C=charge"),
];

fn row(table: &'static [(&str, &str, &str)], id: &str) -> Option<(&'static str, &'static str)> {
    table.binary_search_by(|row| row.0.cmp(id)).ok().and_then(|at| table.get(at)).map(|row| (row.1, row.2))
}

/// What a segment is called.
pub(super) fn segment(id: &str, edifact: bool) -> Option<&'static str> {
    row(if edifact { EDIFACT } else { X12 }, id).map(|(words, _)| words)
}

/// What an element of X12 is called.
pub(super) fn element(id: &str, number: usize) -> Option<&'static str> {
    let (_, names) = row(X12, id)?;
    let count = names.split(',').count();
    let last = names.strip_suffix("..").unwrap_or(names);
    // The last two names go on in turn.
    let at = if number > count && names.ends_with("..") {
        count - 1 + (number - count) % 2 - 2 * usize::from((number - count) % 2 == 1)
    } else {
        number - 1
    };
    last.split(',').nth(at).filter(|name| *name != "-")
}

/// What a component of EDIFACT is called.
pub(super) fn component(id: &str, element: usize, component: usize) -> Option<&'static str> {
    let (_, names) = row(EDIFACT, id)?;
    names.split('+').nth(element - 1)?.split(',').nth(component - 1).filter(|name| *name != "-")
}

/// What a code means where it stands: `BEG01`, `BGM11`; `PO1id` for the kinds of ids in any element.
pub(super) fn code(place: &str, code: &str) -> Option<&'static str> {
    let (_, list) = CODES.iter().find(|(places, _)| places.split(' ').any(|of| of == place))?;
    list.split(',')
        .find_map(|pair| pair.split_once('=').filter(|(of, _)| *of == code))
        .map(|(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        for table in [X12, EDIFACT] {
            assert!(table.is_sorted_by(|one, other| one.0 < other.0));
        }
    }

    #[test]
    fn pairs_go_on_to_the_end_of_the_segment() {
        let names: Vec<_> = (1..=9).map(|number| element("PO1", number).unwrap_or("?")).collect();
        assert_eq!(
            names,
            ["line", "quantity", "unit", "price", "price basis", "id kind", "id", "id kind", "id"]
        );
        let places: Vec<_> = (3..=6).map(|number| element("SDQ", number).unwrap_or("?")).collect();
        assert_eq!(places, ["place", "quantity", "place", "quantity"]);
        assert_eq!((element("BIG", 6), element("XXX", 1)), (None, None));
    }

    #[test]
    fn codes_have_their_meaning_by_where_they_stand() {
        assert_eq!(
            (code("ACK01", "IB"), code("POC02", "QI")),
            (Some("backordered"), Some("quantity raised"))
        );
        assert_eq!(
            (code("BGM11", "231"), code("QTY11", "83")),
            (Some("answer to an order"), Some("backorder"))
        );
        assert_eq!((code("ACK01", "X9"), code("ZZZ01", "1")), (None, None));
    }
}
