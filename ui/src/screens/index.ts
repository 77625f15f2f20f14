import type { Component } from 'svelte';
import type { SessionView } from '../host/generated/SessionView';
import type { ScreenProps } from '../lib/surface.svelte';
import IdleCustomer from './idle/Customer.svelte';
import IdleTeller from './idle/Teller.svelte';
import OpeningCustomer from './opening/Customer.svelte';
import OpeningTeller from './opening/Teller.svelte';
import LanguageCustomer from './language/Customer.svelte';
import LanguageTeller from './language/Teller.svelte';
import NoticeCustomer from './notice/Customer.svelte';
import NoticeTeller from './notice/Teller.svelte';
import DeclareCustomer from './declare/Customer.svelte';
import DeclareTeller from './declare/Teller.svelte';
import ChooseDocumentCustomer from './choose_document/Customer.svelte';
import ChooseDocumentTeller from './choose_document/Teller.svelte';
import AccessKeyCustomer from './access_key/Customer.svelte';
import AccessKeyTeller from './access_key/Teller.svelte';
import AwaitCardCustomer from './await_card/Customer.svelte';
import AwaitCardTeller from './await_card/Teller.svelte';
import ReadingCustomer from './reading/Customer.svelte';
import ReadingTeller from './reading/Teller.svelte';
import VerifyingCustomer from './verifying/Customer.svelte';
import VerifyingTeller from './verifying/Teller.svelte';
import ShowChipDataCustomer from './show_chip_data/Customer.svelte';
import ShowChipDataTeller from './show_chip_data/Teller.svelte';
import ConfirmDataCustomer from './confirm_data/Customer.svelte';
import ConfirmDataTeller from './confirm_data/Teller.svelte';
import FaceCaptureCustomer from './face_capture/Customer.svelte';
import FaceCaptureTeller from './face_capture/Teller.svelte';
import FaceCompareCustomer from './face_compare/Customer.svelte';
import FaceCompareTeller from './face_compare/Teller.svelte';
import DecideCustomer from './decide/Customer.svelte';
import DecideTeller from './decide/Teller.svelte';
import SealingCustomer from './sealing/Customer.svelte';
import SealingTeller from './sealing/Teller.svelte';
import ReceiptCustomer from './receipt/Customer.svelte';
import ReceiptTeller from './receipt/Teller.svelte';
import WipingCustomer from './wiping/Customer.svelte';
import WipingTeller from './wiping/Teller.svelte';

type Name = SessionView['screen'];
/** A screen gets the view of its own state; one that shows nothing of it takes none. */
export type Screens = { [S in Name]: Component<ScreenProps<S>> | Component<Record<string, never>> };

export const customerScreens: Screens = {
  idle: IdleCustomer,
  opening: OpeningCustomer,
  language: LanguageCustomer,
  notice: NoticeCustomer,
  declare: DeclareCustomer,
  choose_document: ChooseDocumentCustomer,
  access_key: AccessKeyCustomer,
  await_card: AwaitCardCustomer,
  reading: ReadingCustomer,
  verifying: VerifyingCustomer,
  show_chip_data: ShowChipDataCustomer,
  confirm_data: ConfirmDataCustomer,
  face_capture: FaceCaptureCustomer,
  face_compare: FaceCompareCustomer,
  decide: DecideCustomer,
  sealing: SealingCustomer,
  receipt: ReceiptCustomer,
  wiping: WipingCustomer,
};

export const tellerScreens: Screens = {
  idle: IdleTeller,
  opening: OpeningTeller,
  language: LanguageTeller,
  notice: NoticeTeller,
  declare: DeclareTeller,
  choose_document: ChooseDocumentTeller,
  access_key: AccessKeyTeller,
  await_card: AwaitCardTeller,
  reading: ReadingTeller,
  verifying: VerifyingTeller,
  show_chip_data: ShowChipDataTeller,
  confirm_data: ConfirmDataTeller,
  face_capture: FaceCaptureTeller,
  face_compare: FaceCompareTeller,
  decide: DecideTeller,
  sealing: SealingTeller,
  receipt: ReceiptTeller,
  wiping: WipingTeller,
};
