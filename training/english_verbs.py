"""The English verb forms that `declarative` needs: irregular verbs, common regular ones, and inflection.

A parser would know more, but would be a model of its own; a table is enough where "not sure" is a permitted answer.
"""

# base, past, participle
_IRREGULAR = """
arise arose arisen; awake awoke awoken; bear bore borne; beat beat beaten; become became become; begin began begun;
bend bent bent; bind bound bound; bite bit bitten; blow blew blown; break broke broken; breed bred bred; bring brought
brought; build built built; burst burst burst; buy bought bought; cast cast cast; catch caught caught; choose chose
chosen; come came come; cost cost cost; cut cut cut; deal dealt dealt; dig dug dug; do did done; draw drew drawn;
drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed fed; feel felt felt; fight fought
fought; find found found; flee fled fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten; freeze
froze frozen; get got got; give gave given; go went gone; grow grew grown; hang hung hung; have had had; hear heard
heard; hide hid hidden; hit hit hit; hold held held; hurt hurt hurt; keep kept kept; know knew known; lay laid laid;
lead led led; leave left left; lend lent lent; let let let; lie lay lain; lose lost lost; make made made; mean meant
meant; meet met met; overcome overcame overcome; overthrow overthrew overthrown; pay paid paid; put put put; read read
read; ride rode ridden; ring rang rung; rise rose risen; run ran run; say said said; see saw seen; seek sought sought;
sell sold sold; send sent sent; set set set; shake shook shaken; shine shone shone; shoot shot shot; show showed
shown; shrink shrank shrunk; shut shut shut; sing sang sung; sink sank sunk; sit sat sat; sleep slept slept; speak
spoke spoken; spend spent spent; split split split; spread spread spread; stand stood stood; steal stole stolen; stick
stuck stuck; strike struck struck; swear swore sworn; swim swam swum; take took taken; teach taught taught; tear tore
torn; tell told told; think thought thought; throw threw thrown; undergo underwent undergone; understand understood
understood; undertake undertook undertaken; wear wore worn; win won won; withdraw withdrew withdrawn; write wrote
written; rewrite rewrote rewritten; oversee oversaw overseen; rebuild rebuilt rebuilt
"""

# Regular verbs that are hardly ever nouns or adjectives: the first of them after the subject is the verb.
_PLAIN = """
abandon accept accompany achieve acquire adopt advocate agree allow announce appear apply appoint arrive ask
assassinate assert assign assume attain attract attribute bake base believe belong build capture celebrate choose cite
claim classify coin collapse collect commission compare compete complete comprise compose conclude conduct confirm
connect conquer consider consist constitute construct contain continue contract contribute convert convince create
declare decide defeat defend define deliver demonstrate deny depart depend depict describe deserve destroy determine
develop die differ dig discover discuss displace display divide donate drop earn elect eliminate emerge emigrate
employ enable encourage enjoy enter establish evolve examine excel exceed execute exist expand expect explain explore
express extend fail feature finish fire flow form found gain gather generate govern graduate grant guarantee happen
hire identify ignore illustrate immigrate implement import impose improve include incorporate increase indicate
influence inhabit inherit inspire install insist intercept introduce invade invent invest involve join kill lack last
launch learn liberate like live lock lose maintain marry migrate move negotiate obtain occupy occur offer open operate
oppose organize organise originate own participate pass perceive perform permit persuade place play possess prefer
prepare present preserve prevent proclaim produce prohibit promise promote propose protect prove provide publish
purchase pursue reach react receive recognize recognise recommend reduce refer refuse regard reject release rely
remain remove rename replace represent require reside resign respond retain retire return reveal rule seem select
separate serve settle share sign stay stimulate stop suffer suggest supply support surpass surrender survive tend
threaten travel try undermine unite use vary want warn wish worship yield
"""

# Regular verbs that are as often nouns.
_OR_NOUN = """
act address aid aim air answer attack attempt award ban battle benefit border broadcast call campaign carry cause
challenge change charge claim combat concern control cover crash damage date debut decline decrease demand deposit
design dominate double ease end estimate experience export face favor favour focus follow force function fund head
help host house impact issue judge land limit link list look lower mark measure merge monitor name need note number
object order pair pattern plan point pressure price process program progress project proceed purge question quote raid
raise rank rate record reform reign release report request rescue research result return reward risk score seat
service ship shift show signal sound source speed staff start state store strike structure study supply surface target
tax term test time total trade train transfer transport treat trigger turn value view visit voice vote walk work worry
"""

# Regular verbs whose last consonant doubles.
_DOUBLING = frozenset(
    "ban dub drop fit grip jam map occur patrol permit plan plot prefer program refer ship slip stop strip submit"
    " transfer transmit control compel admit commit equip expel omit regret".split()
)

PAST: dict[str, str] = {}
PARTICIPLE: dict[str, str] = {}
for _entry in _IRREGULAR.replace("\n", " ").split(";"):
    _base, _past, _participle = _entry.split()
    PAST[_base], PARTICIPLE[_base] = _past, _participle

_IRREGULAR_OR_NOUN = frozenset(
    "let cast cost cut hit read run set split spread ring show lead feed lie blow strike".split()
)
PLAIN_VERBS = frozenset(_PLAIN.split()) | frozenset(PAST) - _IRREGULAR_OR_NOUN
NOUN_LIKE_VERBS = frozenset(_OR_NOUN.split()) | (frozenset(PAST) - PLAIN_VERBS)
BASE_VERBS = PLAIN_VERBS | NOUN_LIKE_VERBS
IRREGULAR_PASTS = frozenset(PAST.values())
IRREGULAR_PARTICIPLES = frozenset(PARTICIPLE.values())


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    if base in _DOUBLING:
        return base + base[-1] + "ed"
    return base + "ed"


def past(base: str) -> str:
    """The simple past: begin -> began, carry -> carried."""
    return PAST.get(base) or _regular_past(base)


def participle(base: str) -> str:
    """The past participle: begin -> begun."""
    return PARTICIPLE.get(base) or _regular_past(base)


def third_person(base: str) -> str:
    """The present of he, she and it: carry -> carries."""
    if base == "have":
        return "has"
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


# Left out: what is more often a noun or an adjective.
FINITE_FORMS = (
    frozenset(past(verb) for verb in BASE_VERBS) | frozenset(third_person(verb) for verb in PLAIN_VERBS)
) - frozenset(
    "lives places rules forms plays passes fires shares signs stops drops means moves opens uses claims features"
    " increases offers presents returns releases fly lay bound felt left ground works flows locks supplies supports"
    " imports grants".split()
)
PARTICIPLES = frozenset(participle(verb) for verb in BASE_VERBS)
