import unittest

import rules


class Words(unittest.TestCase):
    def test_words_are_counted(self) -> None:
        self.assertEqual((rules.words(""), rules.words(" one  two ")), (0, 2))
