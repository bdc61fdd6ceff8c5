"""The reader's parts that can go wrong silently: swaps, split, figures, and the exactness of the low-rank changes."""

import random
import unittest

import numpy as np

from data import DEV_MODULUS, _hashed, sentences_of, window
from export_reader import low_rank
from metrics import auc, balanced_accuracy, calibration_error, refused_at
from swaps import kind_of, negate, pool_of, swap_item, swap_opposite


class Swaps(unittest.TestCase):
    def test_negation_goes_in_and_out(self) -> None:
        self.assertEqual(negate("The pump was replaced in May."), "The pump was not replaced in May.")
        self.assertEqual(negate("The pump was not replaced in May."), "The pump was replaced in May.")
        self.assertEqual(negate("The coating reduces wear."), "The coating does not reduce wear.")
        self.assertEqual(negate("The coating does not reduce wear."), "The coating reduces wear.")
        self.assertIsNone(negate("No valve was ever found."))

    def test_an_item_is_exchanged_for_one_of_its_kind(self) -> None:
        pool = pool_of(
            ["It was built by Anna Berg in 1911 with 40 rooms.", "It was Paul Reiter who added 12 rooms in 1934."]
        )
        changed = swap_item("It was built by Anna Berg.", pool, "built by Anna Berg", random.Random(1), ("name",))
        self.assertEqual(changed, "It was built by Paul Reiter.")
        self.assertEqual(
            [kind_of(a) for a in ("1911", "40", "Anna Berg", "a tall hedge")], ["year", "number", "name", "phrase"]
        )

    def test_an_opposite_that_the_passage_holds_is_not_used(self) -> None:
        rng = random.Random(1)
        self.assertEqual(swap_opposite("the largest hall", "", rng), "the smallest hall")
        self.assertIsNone(swap_opposite("the largest hall", "the largest and the smallest hall", rng))


class Data(unittest.TestCase):
    def test_the_split_is_the_one_of_the_readme(self) -> None:
        stems = ("Economic_inequality", "Huguenot", "Private_school", "Southern_California", "Warsaw")
        self.assertTrue(all(_hashed(stem, DEV_MODULUS) for stem in stems))
        self.assertFalse(_hashed("Oxygen", DEV_MODULUS))

    def test_a_window_holds_what_it_must_keep(self) -> None:
        text = "One came. Two stayed by the river. Three left. Four slept. Five sang. Six wrote."
        at = text.index("Three")
        for seed in range(20):
            a, b = window(text, (at, at + 5), random.Random(seed))
            self.assertIn("Three left.", text[a:b])
            self.assertIn(text[a:b].split(".")[0] + ".", sentences_of(text))


class Figures(unittest.TestCase):
    def test_figures_of_a_small_case(self) -> None:
        scores, labels = np.array([0.9, 0.8, 0.4, 0.3]), np.array([True, False, True, False])
        self.assertEqual(auc(scores, labels), 0.75)
        self.assertEqual(balanced_accuracy(scores, labels, 0.35), 0.75)
        self.assertEqual(refused_at(scores, labels, 0.9), 0.5)
        self.assertAlmostEqual(calibration_error(np.array([0.25, 0.25]), np.array([True, False])), 0.25)

    def test_a_low_rank_change_is_exact_in_whole_numbers(self) -> None:
        rng = np.random.default_rng(1)
        change = rng.normal(size=(24, 6)) @ rng.normal(size=(6, 40))
        left, right, scale = low_rank(change, 6)
        whole = left.astype(np.int64) @ right.astype(np.int64)
        self.assertTrue(np.array_equal(whole, left.astype(np.float64) @ right.astype(np.float64)))
        self.assertLess(np.abs(whole * float(scale) - change).max(), 1e-2)


if __name__ == "__main__":
    unittest.main()
