//! brainpoolP192r1: RFC 5639 §3.2, the parameters alone.

super::weierstrass::prime_order_curve! {
    name: BrainpoolP192r1,
    title: "brainpoolP192r1",
    uint: U192,
    field_bytes: U24,
    modulus: "c302f41d932a36cda7a3463093d18db78fce476de1a86297",
    modulus_non_residue: 3,
    order: "c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1",
    order_non_residue: 7,
    point_arithmetic: EquationAIsGeneric,
    a: "6a91174076b1e0e19c39c031fe8685c1cae040e5c69a28ef",
    b: "469a28ef7c28cca3dc721d044f4496bcca7ef4146fbf25c9",
    generator_x: "c0a0647eaab6a48753b033c56cb0f0900a2f5c4853375fd6",
    generator_y: "14b690866abd5bb88b5f4828c1490002e6773fa2fa299b8f",
}
