//! Is it genuine? CMS, chains, master lists: typed verdicts.
