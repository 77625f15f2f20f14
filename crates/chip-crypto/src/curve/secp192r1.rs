//! secp192r1: SEC 2 v2 §2.2.2 (NIST P-192), the parameters alone.

super::weierstrass::prime_order_curve! {
    name: Secp192r1,
    title: "secp192r1",
    uint: U192,
    field_bytes: U24,
    modulus: "fffffffffffffffffffffffffffffffeffffffffffffffff",
    modulus_non_residue: 11,
    order: "ffffffffffffffffffffffff99def836146bc9b1b4d22831",
    order_non_residue: 3,
    point_arithmetic: EquationAIsMinusThree,
    a: "fffffffffffffffffffffffffffffffefffffffffffffffc",
    b: "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
    generator_x: "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
    generator_y: "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
}
