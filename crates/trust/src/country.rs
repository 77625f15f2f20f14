//! Issuing states: the three letters of the MRZ and the two of the certificates (Doc 9303-3, 5; ISO 3166-1).

/// ISO 3166-1 and the special codes of Doc 9303-3, part 5: three letters, two letters.
const CODES: &str = "\
AFGAF ALAAX ALBAL DZADZ ASMAS ANDAD AGOAO AIAAI ATAAQ ATGAG ARGAR ARMAM ABWAW AUSAU AUTAT AZEAZ BHSBS BHRBH BGDBD BRBBB BLRBY BELBE \
BLZBZ BENBJ BMUBM BTNBT BOLBO BESBQ BIHBA BWABW BVTBV BRABR IOTIO BRNBN BGRBG BFABF BDIBI CPVCV KHMKH CMRCM CANCA CYMKY CAFCF TCDTD \
CHLCL CHNCN CXRCX CCKCC COLCO COMKM COGCG CODCD COKCK CRICR CIVCI HRVHR CUBCU CUWCW CYPCY CZECZ DNKDK DJIDJ DMADM DOMDO ECUEC EGYEG \
SLVSV GNQGQ ERIER ESTEE SWZSZ ETHET FLKFK FROFO FJIFJ FINFI FRAFR GUFGF PYFPF ATFTF GABGA GMBGM GEOGE DEUDE GHAGH GIBGI GRCGR GRLGL \
GRDGD GLPGP GUMGU GTMGT GGYGG GINGN GNBGW GUYGY HTIHT HMDHM VATVA HNDHN HKGHK HUNHU ISLIS INDIN IDNID IRNIR IRQIQ IRLIE IMNIM ISRIL \
ITAIT JAMJM JPNJP JEYJE JORJO KAZKZ KENKE KIRKI PRKKP KORKR KWTKW KGZKG LAOLA LVALV LBNLB LSOLS LBRLR LBYLY LIELI LTULT LUXLU MACMO \
MDGMG MWIMW MYSMY MDVMV MLIML MLTMT MHLMH MTQMQ MRTMR MUSMU MYTYT MEXMX FSMFM MDAMD MCOMC MNGMN MNEME MSRMS MARMA MOZMZ MMRMM NAMNA \
NRUNR NPLNP NLDNL NCLNC NZLNZ NICNI NERNE NGANG NIUNU NFKNF MKDMK MNPMP NORNO OMNOM PAKPK PLWPW PSEPS PANPA PNGPG PRYPY PERPE PHLPH \
PCNPN POLPL PRTPT PRIPR QATQA REURE ROURO RUSRU RWARW BLMBL SHNSH KNAKN LCALC MAFMF SPMPM VCTVC WSMWS SMRSM STPST SAUSA SENSN SRBRS \
SYCSC SLESL SGPSG SXMSX SVKSK SVNSI SLBSB SOMSO ZAFZA SGSGS SSDSS ESPES LKALK SDNSD SURSR SJMSJ SWESE CHECH SYRSY TWNTW TJKTJ TZATZ \
THATH TLSTL TGOTG TKLTK TONTO TTOTT TUNTN TURTR TKMTM TCATC TUVTV UGAUG UKRUA AREAE GBRGB USAUS UMIUM URYUY UZBUZ VUTVU VENVE VNMVN \
VGBVG VIRVI WLFWF ESHEH YEMYE ZMBZM ZWEZW \
UTOUT EUEEU UNOUN UNAUN UNKUN XOMXO RKSKS XKXKS XKSKS XPOXP XBAXB XIMXI XCCXC XCOXC XECXE XESXE XMPXM XDCXD IAOUN GBDGB GBNGB GBOGB GBPGB GBSGB \
ROMRO ZARCD NTZNT SUNSU";

/// Tells whether a certificate of `certificate` may sign a document whose MRZ names `issuing_state`.
pub(crate) fn matches(issuing_state: &str, certificate: &str) -> bool {
    let state = issuing_state.trim_matches('<').to_ascii_uppercase();
    let country = certificate.trim().to_ascii_uppercase();
    let state = if state == "D" { "DEU" } else { state.as_str() };
    if state == country {
        // Some authorities write three letters.
        return !state.is_empty();
    }
    let codes = CODES.split_ascii_whitespace().filter_map(|pair| pair.split_at_checked(3));
    if codes.clone().any(|(three, two)| three == state && two == country) {
        return true;
    }
    // Kosovo's certificates and codes are not of ISO 3166-1; Chinese special regions issue for China, and China for them.
    matches!(
        (state, country.as_str()),
        ("RKS" | "XKX" | "XKS" | "UNK", "XK" | "KS") | ("CHN", "HK" | "MO") | ("HKG" | "MAC", "CN")
    )
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_states_and_special_codes() {
        for (state, country) in [
            ("D<<", "DE"),
            ("D", "de"),
            ("UTO", "UT"),
            ("EUE", "EU"),
            ("UNO", "UN"),
            ("XOM", "XO"),
            ("JPN", "JP"),
            ("GBD", "GB"),
        ] {
            assert!(matches(state, country), "{state} {country}");
        }
        for (state, country) in [("FRA", "DE"), ("D", "DK"), ("", ""), ("UTO", "DE"), ("AUT", "AU"), ("AUS", "AT")] {
            assert!(!matches(state, country), "{state} {country}");
        }
    }

    #[test]
    fn codes_are_five_letters() {
        assert!(super::CODES.split_ascii_whitespace().all(|pair| pair.len() == 5));
    }
}
