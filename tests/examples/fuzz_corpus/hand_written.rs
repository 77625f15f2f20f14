//! Edge cases nobody issues.

use apdu::tlv::{Tag, encode};
use chip::mrtd::check_digit;
use jpeg_encoder::{ColorType, Encoder};

use super::{Failure, Folder, blocks};

fn object(tag: u32, value: impl AsRef<[u8]>) -> Vec<u8> {
    encode(Tag(tag), value.as_ref())
}

pub fn write(to: &Folder) -> Result<(), Failure> {
    objects(to)?;
    responses(to)?;
    zones(to)?;
    groups(to)?;
    images(to)?;
    intents(to)
}

fn objects(to: &Folder) -> Result<(), Failure> {
    let mut deep = vec![0x04, 0x00];
    for _ in 0..20 {
        deep = object(0x30, deep);
    }
    to.seed("tlv", "nested-20", deep)?;
    let indefinite = [[0x30, 0x80].repeat(20), [0, 0].repeat(20)].concat();
    to.seed("tlv", "indefinite-20", indefinite)?;
    to.seed("tlv", "indefinite-open", [0x30, 0x80].repeat(64))?;
    to.seed(
        "tlv",
        "indefinite-mixed",
        [&[0x30, 0x80][..], &object(0x04, [1; 200]), &[0x24, 0x80, 4, 1, 9, 0, 0, 0, 0]].concat(),
    )?;
    to.seed("tlv", "nodes-5000", [0x05, 0x00].repeat(5000))?;
    to.seed(
        "tlv",
        "tags",
        [0x1F, 0x1F, 0, 0x5F, 0x2E, 0, 0x7F, 0x81, 0x01, 0, 0x1F, 0x80, 0x01, 0, 0x9F, 0xFF, 0xFF, 0x7F, 0],
    )?;
    to.seed("tlv", "tag-too-long", [0x1F, 0xFF, 0xFF, 0xFF, 0x7F, 0])?;
    to.seed(
        "tlv",
        "lengths",
        [&[4, 0x81, 1, 9, 4, 0x82, 0, 1, 9, 4, 0x84, 0, 0, 0, 1, 9][..], &object(4, [0; 300])].concat(),
    )?;
    to.seed("tlv", "length-max", [4, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3])?;
    to.seed("tlv", "length-five", [4, 0x85, 0, 0, 0, 0, 1, 9])?;
    to.seed("atr", "history", [&object(0x43, [0xF8])[..], &object(0x7F66, [2, 2, 8, 0, 2, 2, 8, 0])].concat())?;
    to.seed("atr", "huge", object(0x7F66, [2, 1, 1, 2, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]))
}

fn responses(to: &Folder) -> Result<(), Failure> {
    let file = object(0x61, [7; 600]);
    let ok = |data: &[u8]| [data, &[0x90, 0x00]].concat();
    to.seed("apdu_loop", "file", blocks(file.chunks(160).map(ok)))?;
    to.seed("apdu_loop", "end-of-file", blocks([[&file[..160], &[0x62, 0x82]].concat(), vec![0x6B, 0x00]]))?;
    to.seed("apdu_loop", "endless-61", blocks(vec![[0x61, 0x10]; 40]))?;
    to.seed("apdu_loop", "endless-6c", blocks(vec![[0x6C, 0x10]; 40]))?;
    to.seed("apdu_loop", "in-pieces", blocks((0..30).map(|_| [&[5; 256][..], &[0x61, 0x00]].concat())))?;
    let found_by_name = [vec![0x6A, 0x82], ok(&[]), ok(&file[..160]), ok(&file[160..320])];
    to.seed("apdu_loop", "short-id-refused", blocks(found_by_name))?;
    to.seed("apdu_loop", "smaller-and-smaller", blocks(vec![[0x67, 0x00]; 12]))?;
    to.seed("apdu_loop", "byte-by-byte", blocks(file.chunks(1).map(ok)))?;
    to.seed("apdu_loop", "indefinite", blocks([ok(&[0x30, 0x80, 4, 1, 9, 0, 0]), ok(&[])]))?;
    to.seed("apdu_loop", "over-the-plan", blocks([ok(&[0x61, 0x83, 0xFF, 0xFF, 0xFF, 1, 2, 3])]))
}

/// A zone with its check digits put in place of `?` by the caller's fields.
fn zones(to: &Folder) -> Result<(), Failure> {
    let td3 =
        ["P<UTOSPECIMEN<<HANAKO<MADOGUCHI<TEST<<<<<<<<".to_owned(), second_line("XTEST0001", 14, "TEST<ONLY<<<<<")];
    let td2 = ["I<UTOSPECIMEN<<HANAKO<MADOGUCHI<TEST".to_owned(), second_line("XTEST0002", 7, "<<<<<<<")];
    let number = "XTEST0003";
    let first = format!("I<UTO{number}{}<<<<<<<<<<<<<<<", check_digit(number));
    let (birth, expiry) = ("900203", "350531");
    let second = format!("{birth}{}F{expiry}{}UTO<<<<<<<<<<<", check_digit(birth), check_digit(expiry));
    let over = format!("{}{}{}{}", &first[5..], &second[..7], &second[8..15], &second[18..29]);
    let td1 = [first, format!("{second}{}", check_digit(&over)), "SPECIMEN<<HANAKO<MADOGUCHI<<<<".to_owned()];
    for (name, lines) in [("td3", &td3[..]), ("td2", &td2[..]), ("td1", &td1[..])] {
        to.seed("dg1_mrz", &format!("{name}.txt"), lines.join("\n"))?;
        to.seed("dg1_mrz", name, object(0x61, object(0x5F1F, lines.concat())))?;
    }
    to.seed("dg1_mrz", "not-ascii", object(0x61, object(0x5F1F, "窓".repeat(30))))
}

fn second_line(number: &str, optional: usize, rest: &str) -> String {
    let (birth, expiry) = ("900203", "350531");
    let head = format!("{number}{}", check_digit(number));
    let dates = (format!("{birth}{}", check_digit(birth)), format!("{expiry}{}", check_digit(expiry)));
    let own = if optional == 14 { format!("{rest}{}", check_digit(rest)) } else { rest.to_owned() };
    let whole = check_digit(&format!("{head}{}{}{own}", dates.0, dates.1));
    format!("{head}UTO{}F{}{own}{whole}", dates.0, dates.1)
}

fn groups(to: &Folder) -> Result<(), Failure> {
    to.seed(
        "ef_com",
        "strange",
        object(0x60, [object(0x5F01, "99zz"), object(0x5F36, ""), object(0x5C, [0x61; 200])].concat()),
    )?;
    let other_names =
        object(0xA0, [object(2, [2]), object(0x5F0F, "HANAKO<TEST"), object(0x5F0F, "TEST<ONLY")].concat());
    let elements = [
        object(0x5C, [0x5F, 0x0E, 0x5F, 0x2B]),
        object(0x5F0E, "SPECIMEN<<HANAKO"),
        other_names,
        object(0x5F2B, "19900203"),
    ];
    to.seed("dg11_12", "dg11", object(0x6B, elements.concat()))?;
    to.seed(
        "dg11_12",
        "dg11-withheld",
        object(0x6B, [object(0x5F2B, [0x19, 0x90, 2, 3]), object(0x5F10, "TEST")].concat()),
    )?;
    let elements = [object(0x5F19, "TEST ISSUER"), object(0x5F26, "20250601"), object(0x5F1B, "NONE")];
    to.seed("dg11_12", "dg12", object(0x6C, elements.concat()))?;
    to.seed("dg13_16", "dg13", object(0x6D, [9; 40]))?;
    let person = [object(0x5F50, "20250601"), object(0x5F51, "TEST<<PERSON"), object(0x5F52, "000")].concat();
    to.seed("dg13_16", "dg16", object(0x70, [object(2, [2]), object(0xA1, &person), object(0xA2, &person)].concat()))?;
    to.seed("dg13_16", "dg16-too-many", object(0x70, [object(2, [200]), object(0xA1, &person)].concat()))
}

/// A JPEG of our own drawing.
fn jpeg(side: u16, progressive: bool, colour: ColorType) -> Result<Vec<u8>, Failure> {
    let samples = if matches!(colour, ColorType::Luma) { 1 } else { 3 };
    let drawn: Vec<u8> = (0..usize::from(side) * usize::from(side) * samples).map(|at| (at * 7 % 251) as u8).collect();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 40);
    encoder.set_progressive(progressive);
    encoder.encode(&drawn, side, side, colour)?;
    Ok(out)
}

fn images(to: &Folder) -> Result<(), Failure> {
    let (baseline, progressive) = (jpeg(24, false, ColorType::Rgb)?, jpeg(24, true, ColorType::Rgb)?);
    let grey = jpeg(16, false, ColorType::Luma)?;
    for (name, bytes) in [("baseline", &baseline), ("progressive", &progressive), ("grey", &grey)] {
        to.seed("jpeg", name, bytes)?;
        to.seed("jpeg", &format!("{name}-cut"), &bytes[..bytes.len() / 2])?;
    }
    // A second frame header, larger than the first: the header that is checked must be the one that is decoded.
    let frame = baseline.windows(2).position(|marker| marker == [0xFF, 0xC0]).ok_or("no frame header")?;
    let mut second = baseline[frame..frame + 19].to_vec();
    second[5..9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    to.seed("jpeg", "two-frames", [&baseline[..frame + 19], &second, &baseline[frame + 19..]].concat())?;
    let mut large = baseline.clone();
    large[frame + 5..frame + 9].copy_from_slice(&[0x08, 0xFF, 0x08, 0xFF]);
    to.seed("jpeg", "larger-than-its-data", &large)?;
    let jp2 = simulator::PORTRAIT_JP2;
    to.seed("jp2", "portrait", jp2)?;
    to.seed("jp2", "cut", &jp2[..2000])?;
    let codestream = jp2.windows(4).position(|bytes| bytes == [0xFF, 0x4F, 0xFF, 0x51]).ok_or("no codestream")?;
    let codestream = &jp2[codestream..];
    to.seed("jp2", "codestream-cut", &codestream[..3000])?;
    let mut tiles = codestream[..3000].to_vec();
    tiles[24..32].copy_from_slice(&[0, 0, 0, 8, 0, 0, 0, 8]);
    to.seed("jp2", "small-tiles", &tiles)?;
    let mut wide = codestream[..1000].to_vec();
    wide[8..16].copy_from_slice(&[0, 0, 8, 0, 0, 0, 8, 0]);
    to.seed("jp2", "larger-than-its-data", &wide)?;
    // Divisions so fine that the decoder's tables would have gigabytes: code-blocks of 4 x 4 in 32 layers; precincts of one sample.
    let cod = codestream.windows(2).position(|marker| marker == [0xFF, 0x52]).ok_or("no COD")?;
    let length = usize::from(codestream[cod + 3]) + 2;
    for (name, style, layers, block, precincts) in [("small-blocks", 0, 32, 0, 0), ("small-precincts", 1, 1, 4, 6)] {
        let segment = [0xFF, 0x52, 0, 12 + precincts, style, 0, 0, layers, 0, 5, block, block, 0, 1];
        let large =
            [&codestream[..8], &[0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9, 0]].concat();
        let precincts = vec![0x11; usize::from(precincts)];
        let image = [&large[..], &codestream[32..cod], &segment, &precincts, &codestream[cod + length..3000]].concat();
        to.seed("jp2", name, image)?;
    }
    let boxed = |kind: &str, contents: &[u8]| {
        [&(8 + contents.len() as u32).to_be_bytes()[..], kind.as_bytes(), contents].concat()
    };
    let start = [&jp2[..12], &boxed("ftyp", b"jp2 \0\0\0\0jp2 ")].concat();
    let ihdr = boxed("ihdr", &[&codestream[12..16], &codestream[8..12], &[0, 1, 7, 7, 0, 0]].concat());
    let colr = boxed("colr", &[1, 0, 0, 0, 0, 0, 17]);
    let palette = boxed("pclr", &[0, 2, 1, 7, 0, 255]);
    let mapping = boxed("cmap", &[0, 0, 1, 0].repeat(2000));
    let palette = boxed("jp2h", &[&ihdr[..], &colr, &palette, &mapping].concat());
    let plain = boxed("jp2h", &[ihdr, colr].concat());
    to.seed("jp2", "palette", [&start[..], &palette, &boxed("jp2c", &codestream[..3000])].concat())?;
    let two = [boxed("jp2c", &codestream[..2000]), boxed("jp2c", &wide)].concat();
    to.seed("jp2", "two-codestreams", [start, plain, two].concat())?;
    let face = |image: &[u8]| {
        let block = [&(20 + 12 + image.len() as u32).to_be_bytes()[..], &[0; 28], image].concat();
        [b"FAC\x00010\x00".as_slice(), &(14 + block.len() as u32).to_be_bytes(), &[0, 1], &block].concat()
    };
    let template = |record: &[u8], count: u8| {
        let information = object(0x7F60, [object(0xA1, object(0x80, [1, 1])), object(0x5F2E, record)].concat());
        object(0x75, object(0x7F61, [object(2, [count]), information.repeat(usize::from(count.min(2)))].concat()))
    };
    to.seed("dg2", "jpeg", template(&face(&baseline), 1))?;
    to.seed("dg2", "two-faces", template(&face(&grey), 2))?;
    to.seed("dg2", "record", face(&grey))?;
    let mut many = face(&grey);
    many[12..14].copy_from_slice(&[0xFF, 0xFF]);
    to.seed("dg2", "many-faces", template(&many, 1))?;
    let image = [object(0xA0, object(0xA0, [])), object(0x80, &grey)].concat();
    let representation = object(0x30, [object(0x80, [0]), object(0xA1, object(0xA0, object(0xA0, image)))].concat());
    let iso39794 = object(0xA1, object(0x65, [object(0xA0, []), object(0xA1, representation)].concat()));
    let information = object(0x7F60, [object(0xA1, object(0x80, [1, 1])), object(0x7F2E, iso39794)].concat());
    to.seed("dg2", "iso39794", object(0x75, object(0x7F61, [object(2, [1]), information].concat())))?;
    to.seed("dg7", "one", object(0x67, [object(2, [1]), object(0x5F43, &grey)].concat()))?;
    to.seed("dg7", "nine-of-one", object(0x67, [object(2, [9]), object(0x5F43, &grey)].concat()))
}

fn intents(to: &Folder) -> Result<(), Failure> {
    for (name, json) in [
        ("start", r#"{"intent":"start"}"#),
        ("language", r#"{"intent":"choose_language","language":"vi"}"#),
        ("consent", r#"{"intent":"give_consent","optional":["C3","C17"],"face_photo":true,"how":"screen"}"#),
        ("declare", r#"{"intent":"declare","purpose":"salary","occupation":"student","own_behalf":true}"#),
        ("document", r#"{"intent":"choose_document","document":"passport"}"#),
        ("mrz", r#"{"intent":"enter_mrz","text":"XTEST00011UTO9002032F3505316TEST<ONLY<<<<<86"}"#),
        ("key", r#"{"intent":"enter_key","document_number":"XTEST0001","birth":"900203","expiry":"350531"}"#),
        ("can", r#"{"intent":"enter_can","can":"123456"}"#),
        ("can-wide", "{\"intent\":\"enter_can\",\"can\":\"\u{ff11}23456\"}"),
        ("accept", r#"{"intent":"accept","residence_later":false}"#),
        ("judge", r#"{"intent":"judge_face","verdict":"same_person"}"#),
        ("refuse", r#"{"intent":"refuse","reason":"customer_left"}"#),
        ("unknown-field", r#"{"intent":"start","my_number":"0"}"#),
        ("twice", r#"{"intent":"enter_can","can":"1","can":"2"}"#),
    ] {
        to.seed("ipc_command", name, json)?;
    }
    to.seed("ipc_command", "nested", [r#"{"intent":"enter_can","can":"#, &"[".repeat(400)].concat())
}
