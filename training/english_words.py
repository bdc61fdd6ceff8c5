"""Closed classes of English words, and sets of words that `declarative` treats alike."""

from english_verbs import FINITE_FORMS, IRREGULAR_PARTICIPLES, IRREGULAR_PASTS

BE = frozenset("is are was were".split())
DO = frozenset("do does did".split())
HAVE = frozenset("has have had".split())
MODAL = frozenset("can could will would may might must should".split())
AUXILIARIES = BE | DO | HAVE | MODAL
DETERMINERS = frozenset(
    "the a an this that these those his her its their our my your each every any some no all both many most more"
    " other another first second third last next new old only main same very so-called several few two three"
    " four".split()
)
PREPOSITIONS = frozenset(
    "in on at to of from by for with about into onto over under between among during after before against as"
    " through around near within without toward towards upon since until off out across along behind beyond via"
    " per like than outside inside up down".split()
)
CLAUSE_WORDS = frozenset(
    "that which who whom whose when where while because if although though and or but than".split()
)
TIME_NOUNS = frozenset("year years date day month century decade season".split())
TIME_PREPOSITIONS = frozenset("in on at during between around about by".split())
PLACE_PREPOSITIONS = frozenset(
    "in on at near to from into onto inside outside between along through throughout within under over across"
    " around behind beyond above below off".split()
)
SHARE_NOUNS = frozenset("percentage percent proportion portion fraction".split())
NAMED = frozenset("called named known termed titled nicknamed dubbed considered referred".split())
NAMING_BASES = frozenset("call name consider dub rename title nickname".split())
NAMING_NOUNS = frozenset("name title term nickname capital population number word abbreviation".split())
# What they lack is a clause or another verb, not a noun.
VERBS_OF_CLAUSES = frozenset(
    "did do does done doing happened happen said say says told tell thought think thinks believed believe"
    " believes propose proposed hoped hope".split()
)
CLAUSE_STARTS = frozenset(
    "they he she it there can cannot could would will is are was were be being not how what".split()
)
ADVERBS = frozenset("first last also often sometimes".split())
NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fifteen sixteen eighteen twenty"
    " thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands dozen dozens half several"
    " few many".split()
)
APPROXIMATE = frozenset(
    "about over nearly almost around approximately some roughly at least more up fewer less".split()
)
KIND_NOUNS = frozenset("type types kind kinds sort sorts form forms other else two three four".split())
QUESTION_PREPOSITIONS = frozenset(
    "in on at during by from for to with of under through until since around".split()
)
MONTHS = "January February March April May June July August September October November December".split()


def is_finite(word: str) -> bool:
    """Whether the word is surely a finite full verb; auxiliaries are not meant."""
    if word in AUXILIARIES:
        return False
    return word in FINITE_FORMS or word in IRREGULAR_PASTS and word not in IRREGULAR_PARTICIPLES
