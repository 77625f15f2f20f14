//! secp224r1: SEC 2 v2 §2.3.2 (NIST P-224), the parameters alone.
//!
//! Modulus and order are written with the leading zeros of the 256-bit integer that carries them.

super::weierstrass::prime_order_curve! {
    name: Secp224r1,
    title: "secp224r1",
    uint: U256,
    field_bytes: U28,
    modulus: "00000000ffffffffffffffffffffffffffffffff000000000000000000000001",
    modulus_non_residue: 11,
    order: "00000000ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
    order_non_residue: 2,
    point_arithmetic: EquationAIsMinusThree,
    a: "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
    b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
    generator_x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
    generator_y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
}
