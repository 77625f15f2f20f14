//! brainpoolP224r1: RFC 5639 §3.3, the parameters alone.
//!
//! Modulus and order are written with the leading zeros of the 256-bit integer that carries them.

super::weierstrass::prime_order_curve! {
    name: BrainpoolP224r1,
    title: "brainpoolP224r1",
    uint: U256,
    field_bytes: U28,
    modulus: "00000000d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
    modulus_non_residue: 3,
    order: "00000000d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f",
    order_non_residue: 3,
    point_arithmetic: EquationAIsGeneric,
    a: "68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
    b: "2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
    generator_x: "0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
    generator_y: "58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
}
