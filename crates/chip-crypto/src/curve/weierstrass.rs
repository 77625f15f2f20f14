//! How a curve of prime order becomes a type: numbers from a standard in, field and group arithmetic of
//! `primefield` and `primeorder` out. No arithmetic is written here.

/// Defines a short Weierstrass curve from its domain parameters alone.
///
/// `modulus_non_residue` and `order_non_residue` are quadratic non-residues, from which `primefield` takes its
/// two-power roots of unity for square roots.
macro_rules! prime_order_curve {
    (
        name: $name:ident,
        title: $title:literal,
        uint: $uint:ident,
        field_bytes: $field_bytes:ident,
        modulus: $modulus:literal,
        modulus_non_residue: $modulus_non_residue:literal,
        order: $order:literal,
        order_non_residue: $order_non_residue:literal,
        point_arithmetic: $point_arithmetic:ident,
        a: $a:literal,
        b: $b:literal,
        generator_x: $generator_x:literal,
        generator_y: $generator_y:literal,
    ) => {
        use elliptic_curve::bigint::{Odd, $uint};
        use elliptic_curve::ff::PrimeField;
        use elliptic_curve::subtle::{Choice, ConstantTimeEq, CtOption};

        #[doc = concat!("The curve ", $title, ".")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name;

        impl elliptic_curve::Curve for $name {
            type FieldBytesSize = elliptic_curve::consts::$field_bytes;
            type Uint = $uint;
            const ORDER: Odd<$uint> = Odd::<$uint>::from_be_hex($order);
        }

        impl elliptic_curve::PrimeCurve for $name {}

        impl elliptic_curve::point::PointCompression for $name {
            const COMPRESS_POINTS: bool = false;
        }

        impl elliptic_curve::CurveArithmetic for $name {
            type AffinePoint = primeorder::AffinePoint<Self>;
            type ProjectivePoint = primeorder::ProjectivePoint<Self>;
            type Scalar = scalar::Scalar;
        }

        impl elliptic_curve::hazmat::FieldArithmetic for $name {
            type FieldElement = field::FieldElement;
        }

        impl elliptic_curve::PrimeCurveArithmetic for $name {
            type CurveGroup = primeorder::ProjectivePoint<Self>;
        }

        impl primeorder::PrimeCurveParams for $name {
            type PointArithmetic = primeorder::point_arithmetic::$point_arithmetic;
            type Backend = primeorder::mul_backend::VariableOnly;

            const EQUATION_A: field::FieldElement = field::FieldElement::from_hex_vartime($a);
            const EQUATION_B: field::FieldElement = field::FieldElement::from_hex_vartime($b);
            const GENERATOR: (field::FieldElement, field::FieldElement) = (
                field::FieldElement::from_hex_vartime($generator_x),
                field::FieldElement::from_hex_vartime($generator_y),
            );
        }

        impl ecdsa::EcdsaCurve for $name {
            const NORMALIZE_S: bool = false;
        }

        /// Coordinates: integers modulo p.
        #[allow(deprecated, reason = "the macros of primefield still say `bits` for `bit_width`")]
        mod field {
            use super::*;

            primefield::monty_field_params! {
                name: FieldParams,
                modulus: $modulus,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $modulus_non_residue,
                doc: concat!("Integers modulo the prime p of ", $title)
            }

            primefield::monty_field_element! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint,
                doc: concat!("Element of the base field of ", $title)
            }

            primefield::monty_field_arithmetic! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint
            }

            impl elliptic_curve::ops::BatchInvert for FieldElement {}
        }

        /// Scalars: integers modulo the order n.
        #[allow(deprecated, reason = "the macros of primefield still say `bits` for `bit_width`")]
        mod scalar {
            use super::*;
            use elliptic_curve::bigint::Encoding;
            use elliptic_curve::ops::Reduce;
            use elliptic_curve::scalar::{FromUintUnchecked, IsHigh};
            use elliptic_curve::subtle::ConstantTimeGreater;

            primefield::monty_field_params! {
                name: ScalarParams,
                modulus: $order,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $order_non_residue,
                doc: concat!("Integers modulo the order n of ", $title)
            }

            primefield::monty_field_element! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint,
                doc: concat!("Element of the scalar field of ", $title)
            }

            primefield::monty_field_arithmetic! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint
            }

            impl Reduce<$uint> for Scalar {
                fn reduce(integer: &$uint) -> Self {
                    Self(primefield::MontyFieldElement::from_uint_reduced(integer))
                }
            }

            impl Reduce<elliptic_curve::FieldBytes<$name>> for Scalar {
                fn reduce(octets: &elliptic_curve::FieldBytes<$name>) -> Self {
                    // The integer may be wider than a scalar is long.
                    let bits = 8 * octets.len() as u32;
                    Self::reduce(&<$uint as Encoding>::from_be_slice_truncated(octets, bits))
                }
            }

            elliptic_curve::scalar_impls!($name, Scalar);

            primeorder::wnaf::impl_wnaf_size_for_scalar!(Scalar);

            impl AsRef<Scalar> for Scalar {
                fn as_ref(&self) -> &Scalar {
                    self
                }
            }

            impl FromUintUnchecked for Scalar {
                type Uint = $uint;

                fn from_uint_unchecked(uint: $uint) -> Self {
                    Self::from_uint_unchecked(uint)
                }
            }

            impl IsHigh for Scalar {
                fn is_high(&self) -> Choice {
                    const HALF: $uint = <$name as elliptic_curve::Curve>::ORDER.as_ref().shr_vartime(1);
                    self.to_canonical().ct_gt(&HALF)
                }
            }
        }
    };
}

pub(super) use prime_order_curve;
