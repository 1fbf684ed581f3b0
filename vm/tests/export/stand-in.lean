-- What the files of `tern spec export --format lean` use of Mathlib and of LeanZKCircuit-Plonky3, with the same names and types: enough to see that Lean
-- reads them and that everything in them has a type. `.ci/lean` puts this before them.

notation "ℕ" => Nat

class Field (F : Type) extends Add F, Sub F, Mul F, Neg F where
  number : Nat → F

instance {F : Type} [Field F] (n : Nat) : OfNat F n := ⟨Field.number n⟩

namespace Plonky3

class Circuit (F : Type) [Field F] (ExtF : Type) [Field ExtF] (α : Type → Type → Type) where
  bus : α F ExtF → List (F × List F)
  main : α F ExtF → (column : ℕ) → (row : ℕ) → (rotation : ℕ) → F
  preprocessed : α F ExtF → (column : ℕ) → (row : ℕ) → (rotation : ℕ) → F
  public_values : α F ExtF → (index : ℕ) → F
  last_row : α F ExtF → ℕ

end Plonky3

syntax "register_simp_attr" ident : command
macro_rules
  | `(register_simp_attr $_name:ident) => `(section end)
