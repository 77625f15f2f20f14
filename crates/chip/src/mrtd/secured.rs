use apdu::{Card, ChannelFault, CommandApdu, ResponseApdu, TransportError, transmit_whole};

use super::secure_messaging::SecureMessaging;

/// A card behind secure messaging. After any fault it answers nothing more until it gets new keys.
#[derive(Debug)]
pub struct Secured<C> {
    card: C,
    messaging: SecureMessaging,
    poisoned: bool,
}

impl<C: Card> Secured<C> {
    /// Puts secure messaging around a card.
    #[must_use]
    pub fn new(card: C, messaging: SecureMessaging) -> Self {
        Self { card, messaging, poisoned: false }
    }

    /// Whether a fault ended the channel.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Plain bytes a short protected response carries.
    #[must_use]
    pub fn short_limit(&self) -> u32 {
        self.messaging.short_limit()
    }

    /// Gives the card back and forgets the keys.
    #[must_use]
    pub fn into_inner(self) -> C {
        self.card
    }

    pub(super) fn inner(&self) -> &C {
        &self.card
    }

    /// The card under the channel, for gaining access again and for the first exchange under new keys.
    pub(super) fn inner_mut(&mut self) -> &mut C {
        &mut self.card
    }

    pub(super) fn rekey(&mut self, messaging: SecureMessaging) {
        self.messaging = messaging;
        self.poisoned = false;
    }

    pub(super) fn poison(&mut self) {
        self.poisoned = true;
    }

    fn exchange(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let protected = self.messaging.protect(command).map_err(|_| TransportError::CommandNotEncodable)?;
        // 61xx and 6Cxx in plain belong to the transport, below the protection.
        let response = transmit_whole(&mut self.card, &protected)?;
        self.messaging.unprotect(&response).map_err(TransportError::Channel)
    }
}

impl<C: Card> Card for Secured<C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if self.poisoned {
            return Err(TransportError::Channel(ChannelFault::Poisoned));
        }
        let result = self.exchange(command);
        self.poisoned = result.is_err();
        result
    }
}
