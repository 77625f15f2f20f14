//! The rows of the failure catalogue. Add at the end of a block; never renumber, never reuse.

use crate::code::failure_codes;

failure_codes! {
    // 1xxx: readers, cameras and the machine itself
    1001 ReaderMissing "READER_MISSING" Device Operator CallOperator;
    1002 ReaderServiceLost "READER_SERVICE_LOST" Device Operator CallOperator;
    1003 ReaderLost "READER_LOST" Device Staff CallStaff;
    1004 ReaderBusy "READER_BUSY" Device Staff Retry;
    1005 ReaderNotAllowed "READER_NOT_ALLOWED" Device Staff CallStaff;
    1006 ReaderFault "READER_FAULT" Device Staff Retry;
    1101 CameraMissing "CAMERA_MISSING" Device Operator CallOperator;
    1102 CameraBusy "CAMERA_BUSY" Device Staff CallStaff;
    1103 CameraNotAllowed "CAMERA_NOT_ALLOWED" Device Operator CallOperator;
    1104 CameraFormatUnsupported "CAMERA_FORMAT_UNSUPPORTED" Device Operator CallOperator;
    1105 CameraStalled "CAMERA_STALLED" Device Staff Retry;
    1106 CameraLost "CAMERA_LOST" Device Staff CallStaff;
    1107 CameraFault "CAMERA_FAULT" Device Staff Retry;
    1201 RandomUnavailable "RANDOM_UNAVAILABLE" Device Operator CallOperator;
    1202 ClockUntrusted "CLOCK_UNTRUSTED" Device Operator GoOn;

    // 2xxx: opening the chip
    2001 AccessKeyInvalid "ACCESS_KEY_INVALID" Access Customer ReenterKey;
    2002 AccessKeyMrzMismatch "ACCESS_KEY_MRZ_MISMATCH" Access Customer ReenterKey;
    2003 AccessKeyTriesUsed "ACCESS_KEY_TRIES_USED" Access Staff OtherDocument;
    2004 AccessRefused "ACCESS_REFUSED" Access Staff Retry;
    2005 AccessUnsupported "ACCESS_UNSUPPORTED" Access Staff OtherDocument;
    2006 AccessProtocolFailed "ACCESS_PROTOCOL_FAILED" Access Staff Retry;
    2007 AccessDowngrade "ACCESS_DOWNGRADE" Access Staff StaffDecides;
    2008 CardAccessMismatch "CARDACCESS_MISMATCH" Access Staff StaffDecides;
    2009 DocumentNotExpected "DOCUMENT_NOT_EXPECTED" Access Customer OtherDocument;
    2010 CardUnknown "CARD_UNKNOWN" Access Customer OtherDocument;
    2011 RcAccessKeyWrong "RC_ACCESS_KEY_WRONG" Access Customer ReenterKey;
    2101 PinLastTryConsent "PIN_LAST_TRY_CONSENT" Access Customer OtherDocument;
    2102 PinBlocked "PIN_BLOCKED" Access Customer OtherDocument;
    2103 DlPin2Wrong "DL_PIN2_WRONG" Access Customer ReenterKey;
    2104 PinWrong "PIN_WRONG" Access Customer ReenterKey;
    2105 PinInvalid "PIN_INVALID" Access Customer ReenterKey;
    2106 PinRefused "PIN_REFUSED" Access Staff OtherDocument;
    2107 PinSettingUnknown "PIN_SETTING_UNKNOWN" Access Staff OtherDocument;

    // 3xxx: reading
    3001 CardRemoved "CARD_REMOVED" Reading Customer Reposition;
    3002 CardChanged "CARD_CHANGED" Reading Customer Reposition;
    3003 CardTimeout "CARD_TIMEOUT" Reading Customer Reposition;
    3004 CardReset "CARD_RESET" Reading Staff Retry;
    3005 CardLiftedTooOften "CARD_LIFTED_TOO_OFTEN" Reading Staff OtherDocument;
    3006 ReadingStopped "READING_STOPPED" Reading Nobody Retry;
    3101 ApduLoop "APDU_LOOP" Reading Staff OtherDocument;
    3102 ApduOversize "APDU_OVERSIZE" Reading Staff OtherDocument;
    3103 ApduNoProgress "APDU_NO_PROGRESS" Reading Staff OtherDocument;
    3104 FileLimit "FILE_LIMIT" Reading Staff OtherDocument;
    3105 TlvLimit "TLV_LIMIT" Reading Staff OtherDocument;
    3106 TlvInvalid "TLV_INVALID" Reading Staff OtherDocument;
    3107 FileRefused "FILE_REFUSED" Reading Staff Retry;
    3108 FileMissing "FILE_MISSING" Reading Staff OtherDocument;
    3201 SmMacInvalid "SM_MAC_INVALID" Reading Staff Retry;
    3202 SmStripped "SM_STRIPPED" Reading Staff StaffDecides;
    3203 SmMalformed "SM_MALFORMED" Reading Staff Retry;
    3204 SmRefused "SM_REFUSED" Reading Staff Retry;

    // 4xxx: is it genuine
    4001 SodMissing "SOD_MISSING" Verifying Staff StaffDecides;
    4002 SodSigInvalid "SOD_SIG_INVALID" Verifying Staff StaffDecides;
    4003 SodDigestMismatch "SOD_DIGEST_MISMATCH" Verifying Staff StaffDecides;
    4004 SodAttrsMissing "SOD_ATTRS_MISSING" Verifying Staff StaffDecides;
    4005 SodContentType "SOD_CONTENT_TYPE" Verifying Staff StaffDecides;
    4006 SodSignerCount "SOD_SIGNER_COUNT" Verifying Staff StaffDecides;
    4007 SodDuplicateDg "SOD_DUPLICATE_DG" Verifying Staff StaffDecides;
    4008 DerNotCanonical "DER_NOT_CANONICAL" Verifying Staff StaffDecides;
    4009 DscMissing "DSC_MISSING" Verifying Staff StaffDecides;
    4010 DgHashMismatch "DG_HASH_MISMATCH" Verifying Staff StaffDecides;
    4011 DgNotInSod "DG_NOT_IN_SOD" Verifying Staff StaffDecides;
    4012 DgMissing "DG_MISSING" Verifying Staff StaffDecides;
    4013 ComSodMismatch "COM_SOD_MISMATCH" Verifying Staff StaffDecides;
    4014 LdsVersionMismatch "LDS_VERSION_MISMATCH" Verifying Staff StaffDecides;
    4101 CscaUnknown "CSCA_UNKNOWN" Verifying Staff StaffDecides;
    4102 ChainSigInvalid "CHAIN_SIG_INVALID" Verifying Staff StaffDecides;
    4103 ChainConstraint "CHAIN_CONSTRAINT" Verifying Staff StaffDecides;
    4104 CountryMismatch "COUNTRY_MISMATCH" Verifying Staff StaffDecides;
    4105 DscRevoked "DSC_REVOKED" Verifying Staff StaffDecides;
    4106 CrlUntrusted "CRL_UNTRUSTED" Verifying Staff StaffDecides;
    4107 CrlStale "CRL_STALE" Verifying Operator StaffDecides;
    4108 DscNotValidAtSigning "DSC_NOT_VALID_AT_SIGNING" Verifying Staff StaffDecides;
    4109 CscaNotValidAtIssue "CSCA_NOT_VALID_AT_ISSUE" Verifying Staff StaffDecides;
    4110 DscKeyUsage "DSC_KEY_USAGE" Verifying Staff StaffDecides;
    4111 CertCriticalExt "CERT_CRITICAL_EXT" Verifying Staff StaffDecides;
    4112 AlgForbidden "ALG_FORBIDDEN" Verifying Staff StaffDecides;
    4113 KeyTooSmall "KEY_TOO_SMALL" Verifying Staff StaffDecides;
    4114 AlgParamMismatch "ALG_PARAM_MISMATCH" Verifying Staff StaffDecides;
    4115 EcParamInvalid "EC_PARAM_INVALID" Verifying Staff StaffDecides;
    4116 EcPointInvalid "EC_POINT_INVALID" Verifying Staff StaffDecides;
    4117 SigEncoding "SIG_ENCODING" Verifying Staff StaffDecides;
    4118 CrlMissing "CRL_MISSING" Verifying Operator StaffDecides;
    4201 AaFailed "AA_FAILED" Verifying Staff StaffDecides;
    4202 AaRefused "AA_REFUSED" Verifying Staff StaffDecides;
    4203 CaFailed "CA_FAILED" Verifying Staff StaffDecides;
    4302 MrzDg1Mismatch "MRZ_DG1_MISMATCH" Verifying Staff StaffDecides;
    4303 MrzCheckDigit "MRZ_CHECK_DIGIT" Verifying Staff StaffDecides;
    4304 DocumentExpired "DOCUMENT_EXPIRED" Verifying Customer OtherDocument;
    4305 DateInvalid "DATE_INVALID" Verifying Staff StaffDecides;
    4306 ImageLimit "IMAGE_LIMIT" Verifying Staff StaffDecides;
    4307 ImageInvalid "IMAGE_INVALID" Verifying Staff StaffDecides;
    4308 Dg2FaceCount "DG2_FACE_COUNT" Verifying Staff StaffDecides;
    4309 VerdictUnavailable "VERDICT_UNAVAILABLE" Verifying Staff OtherDocument;

    // 5xxx: Japanese cards
    5001 DlSigInvalid "DL_SIG_INVALID" Verifying Staff StaffDecides;
    5002 DlSignerUnknown "DL_SIGNER_UNKNOWN" Verifying Staff StaffDecides;
    5003 DlSignerNotValidAtSigning "DL_SIGNER_NOT_VALID_AT_SIGNING" Verifying Staff StaffDecides;
    5004 DlGaijiInvalid "DL_GAIJI_INVALID" Verifying Staff StaffDecides;
    5005 DlLayoutMismatch "DL_LAYOUT_MISMATCH" Verifying Staff StaffDecides;
    5101 JpkiCaUnknown "JPKI_CA_UNKNOWN" Verifying Staff StaffDecides;
    5102 JpkiCertRevoked "JPKI_CERT_REVOKED" Verifying Staff OtherDocument;
    5103 JpkiStatusPending "JPKI_STATUS_PENDING" Verifying Nobody GoOn;
    5104 JpkiStatusInvalid "JPKI_STATUS_INVALID" Verifying Operator StaffDecides;
    5105 JpkiSigInvalid "JPKI_SIG_INVALID" Verifying Staff StaffDecides;
    5106 JpkiCertPurpose "JPKI_CERT_PURPOSE" Verifying Staff StaffDecides;
    5107 JpkiCertExpired "JPKI_CERT_EXPIRED" Verifying Customer OtherDocument;
    5108 MnAttrSigInvalid "MN_ATTR_SIG_INVALID" Verifying Staff StaffDecides;
    5109 MnFaceSigInvalid "MN_FACE_SIG_INVALID" Verifying Staff StaffDecides;
    5110 MnAttrCertMismatch "MN_ATTR_CERT_MISMATCH" Verifying Staff StaffDecides;
    5111 MnIssuerUnknown "MN_ISSUER_UNKNOWN" Verifying Staff StaffDecides;
    5112 MnIssuerSigInvalid "MN_ISSUER_SIG_INVALID" Verifying Staff StaffDecides;
    5113 MnChipProofFailed "MN_CHIP_PROOF_FAILED" Verifying Staff StaffDecides;
    5114 MnChipProofRefused "MN_CHIP_PROOF_REFUSED" Verifying Staff StaffDecides;
    5115 MnApplicationsDiffer "MN_APPLICATIONS_DIFFER" Verifying Staff StaffDecides;
    5201 RcSigInvalid "RC_SIG_INVALID" Verifying Staff StaffDecides;
    5202 RcSignerUnknown "RC_SIGNER_UNKNOWN" Verifying Staff StaffDecides;
    5203 RcSignerNotValidAtSigning "RC_SIGNER_NOT_VALID_AT_SIGNING" Verifying Staff StaffDecides;
    5204 RcNumberMismatch "RC_NUMBER_MISMATCH" Verifying Staff StaffDecides;
    5205 RcLayoutMismatch "RC_LAYOUT_MISMATCH" Verifying Staff StaffDecides;
    5206 RcNumberRevoked "RC_NUMBER_REVOKED" Verifying Staff OtherDocument;
    5207 RcStatusPending "RC_STATUS_PENDING" Verifying Nobody GoOn;

    // 6xxx: the face photo
    6001 PhotoInvalid "PHOTO_INVALID" Face Customer Retry;
    6002 PhotoTriesUsed "PHOTO_TRIES_USED" Face Staff StaffDecides;

    // 7xxx: sealing and the store
    7001 StoreFull "STORE_FULL" Sealing Operator CallOperator;
    7002 StoreIo "STORE_IO" Sealing Operator CallOperator;
    7003 StoreLocked "STORE_LOCKED" Sealing Operator CallOperator;
    7004 StoreCorrupt "STORE_CORRUPT" Sealing Operator CallOperator;
    7005 StoreKeysUnavailable "STORE_KEYS_UNAVAILABLE" Sealing Operator CallOperator;
    7006 SealFailed "SEAL_FAILED" Sealing Operator Retry;
    7007 MyNumberRedaction "MYNUMBER_REDACTION" Sealing Operator CallOperator;
    7008 SessionUnknown "SESSION_UNKNOWN" Sealing Operator CallOperator;
    // What the start-up check found (security.md §4): the store accepts nothing and delivers what verifies.
    7101 StoreRollback "STORE_ROLLBACK" Sealing Operator CallOperator;
    7102 StoreFork "STORE_FORK" Sealing Operator CallOperator;
    7103 StoreRowMissing "STORE_ROW_MISSING" Sealing Operator CallOperator;
    7104 StoreRowExtra "STORE_ROW_EXTRA" Sealing Operator CallOperator;
    7105 StoreRowChanged "STORE_ROW_CHANGED" Sealing Operator CallOperator;
    7106 StoreMacBad "STORE_MAC_BAD" Sealing Operator CallOperator;

    // 8xxx: delivery
    8001 BackendUnreachable "BACKEND_UNREACHABLE" Delivery Nobody GoOn;
    8002 DeviceStopped "DEVICE_STOPPED" Delivery Operator CallOperator;
    8003 DeliveryRejected "DELIVERY_REJECTED" Delivery Operator CallOperator;
    8004 DeliveryConflict "DELIVERY_CONFLICT" Delivery Operator CallOperator;
    8005 ReceiptInvalid "RECEIPT_INVALID" Delivery Operator CallOperator;
    8006 DeliveryOverdue "DELIVERY_OVERDUE" Delivery Operator CallOperator;

    // 9xxx: issuer certificates
    9001 TrustListInvalid "TRUST_LIST_INVALID" Trust Operator CallOperator;
    9002 TrustListRollback "TRUST_LIST_ROLLBACK" Trust Operator CallOperator;
    9003 TrustStoreEmpty "TRUST_STORE_EMPTY" Trust Operator StaffDecides;
    9004 TrustListStale "TRUST_LIST_STALE" Trust Operator StaffDecides;
}
