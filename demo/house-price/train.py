#!/usr/bin/python3
"""House price with an 80 % range: one float matrix + one string matrix in, three numbers out.
v1 = ridge on log price with residual quantiles, v2 = quantile gradient boosting, conformalised. Data: ames in Debian's r-cran-modeldata."""
import os, sys
HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, "..", "_common"))
from common import *
import pandas as pd
from sklearn.model_selection import train_test_split, KFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.linear_model import Ridge
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import r2_score

NUM = ["living_area", "lot_area", "basement_area", "year_built", "year_remodeled", "full_baths", "bedrooms", "garage_cars", "fireplaces"]
CAT = ["neighborhood", "building_type", "condition"]
LOGGED = [0, 1]                     # living and lot area enter v1 as logarithms
SRC = dict(living_area="Gr_Liv_Area", lot_area="Lot_Area", basement_area="Total_Bsmt_SF", year_built="Year_Built", year_remodeled="Year_Remod_Add",
           full_baths="Full_Bath", bedrooms="Bedroom_AbvGr", garage_cars="Garage_Cars", fireplaces="Fireplaces",
           neighborhood="Neighborhood", building_type="Bldg_Type", condition="Overall_Cond")
d = r_dataset("ames")
X = pd.DataFrame({k: d[v] for k, v in SRC.items()})
# ordinary market sales only: no foreclosures or sales inside a family, and (as De Cock advises) nothing over 4,000 sq ft
market = d["Sale_Condition"].isin(["Normal", "Partial"]) & (d["Gr_Liv_Area"] <= 4000)
all_rows = len(d); d = d[market].reset_index(drop=True); X = X[market].reset_index(drop=True)
price = d["Sale_Price"].to_numpy(float); ylog = np.log(price)
pretty = {"OneFam": "Single family", "TwoFmCon": "Two-family conversion", "Duplex": "Duplex", "Twnhs": "Townhouse, inside unit", "TwnhsE": "Townhouse, end unit"}
year = d["Year_Sold"].to_numpy()
idx = np.arange(len(X))
known = idx[year < 2010]                      # 2010 sales are kept aside: "live traffic" and a test of time
tr, te = train_test_split(known, test_size=0.2, random_state=SEED)
live = idx[year == 2010]
COND = ["Very_Poor", "Poor", "Fair", "Below_Average", "Average", "Above_Average", "Good", "Very_Good", "Excellent"]
cats = {"neighborhood": sorted(X["neighborhood"].iloc[tr].unique()), "building_type": sorted(pretty), "condition": COND}
A = X[NUM].to_numpy(np.float32)
ohe = OneHotEncoder(categories=[cats[c] for c in CAT], handle_unknown="ignore", sparse_output=False).fit(X[CAT].iloc[tr])
C = ohe.transform(X[CAT])
LO, HI, COVER = 0.1, 0.9, 0.8

# ---- v1
L = A.astype(float).copy(); L[:, LOGGED] = np.log(L[:, LOGGED])
sc = StandardScaler().fit(L[tr])
Z1 = np.hstack([sc.transform(L), C])
v1 = Ridge(alpha=3.0).fit(Z1[tr], ylog[tr])
oof = np.zeros(len(tr))
for a, b in KFold(10, shuffle=True, random_state=SEED).split(tr):   # out-of-fold residuals give an honest range
    oof[b] = Ridge(alpha=3.0).fit(Z1[tr[a]], ylog[tr[a]]).predict(Z1[tr[b]])
qlo1, qhi1 = np.quantile(ylog[tr] - oof, [LO, HI])
def predict1(i):
    m = v1.predict(Z1[i]); return np.exp(np.stack([m, m + qlo1, m + qhi1], 1))
# ---- v2: neighborhood as its (shrunken) price level, condition as a grade 1..9, type of home one-hot
overall = ylog[tr].mean()
level = {k: np.float32((g.sum() + 8 * overall) / (len(g) + 8)) for k, g in ((k, ylog[tr][X["neighborhood"].iloc[tr].to_numpy() == k]) for k in cats["neighborhood"])}
grade = {k: np.float32(i + 1) for i, k in enumerate(COND)}
NB, BT = len(cats["neighborhood"]), len(cats["building_type"])
def design2(a, frame, c):
    return np.hstack([a, frame["neighborhood"].map(level).fillna(np.float32(overall)).to_numpy(np.float32)[:, None],
                      frame["condition"].map(grade).fillna(np.float32(5)).to_numpy(np.float32)[:, None], c[:, NB:NB + BT].astype(np.float32)]).astype(np.float32)
Z2 = design2(A, X, C)
par = dict(n_estimators=220, learning_rate=0.05, max_depth=4, min_samples_leaf=8, subsample=0.7, max_features=0.5, random_state=SEED)
fit_, cal = train_test_split(tr, test_size=0.2, random_state=SEED)
def boosted(rows, q): return GradientBoostingRegressor(loss="quantile", alpha=q, **par).fit(Z2[rows], ylog[rows])
mid = GradientBoostingRegressor(loss="huber", alpha=0.95, **{**par, "n_estimators": 300}).fit(Z2[tr], ylog[tr])
lo, hi = boosted(fit_, LO), boosted(fit_, HI)
# conformalised quantile regression: widen by what the calibration rows ask for
s = np.maximum(lo.predict(Z2[cal]) - ylog[cal], ylog[cal] - hi.predict(Z2[cal]))
widen = float(np.quantile(s, min(1, COVER * (1 + 1 / len(cal)))))
def predict2(i):
    m = mid.predict(Z2[i]); return np.exp(np.stack([m, np.minimum(lo.predict(Z2[i]) - widen, m), np.maximum(hi.predict(Z2[i]) + widen, m)], 1))

# ------------------------------------------------------------------ ONNX
def onehot_nodes():
    n, inits = [], []
    for j, c in enumerate(CAT):
        n += [h.make_node("Gather", ["categorical", "col%d" % j], [c], name="Gather_" + c, axis=1),
              h.make_node("OneHotEncoder", [c], [c + "_oh"], name="OneHotEncoder_" + c, domain="ai.onnx.ml", cats_strings=cats[c], zeros=1),
              h.make_node("Reshape", [c + "_oh", "oshape%d" % j], [c + "_1h"], name="Reshape_" + c)]
        inits += [i64("col%d" % j, [j]), i64("oshape%d" % j, [-1, len(cats[c])])]
    return n, inits
ins = [vi("numeric", T.FLOAT, ["batch", len(NUM)]), vi("categorical", T.STRING, ["batch", len(CAT)])]
outs = [vi(o, T.FLOAT, ["batch", 1]) for o in ("price", "price_low", "price_high")]
oh, oi = onehot_nodes()
n1 = oh + [h.make_node("Gather", ["numeric", "logcols"], ["to_log"], axis=1), h.make_node("Log", ["to_log"], ["logged"]),
      h.make_node("Gather", ["numeric", "plaincols"], ["plain"], axis=1), h.make_node("Concat", ["logged", "plain"], ["num"], axis=1),
      # float32: subtract the mean first, years are large beside their spread
      h.make_node("Sub", ["num", "mean"], ["cent"]), h.make_node("Div", ["cent", "sd"], ["scaled"]),
      h.make_node("Concat", ["scaled"] + [c + "_1h" for c in CAT], ["features"], axis=1),
      h.make_node("LinearRegressor", ["features"], ["log_price"], domain="ai.onnx.ml", coefficients=[float(v) for v in v1.coef_], intercepts=[float(v1.intercept_)], targets=1),
      h.make_node("Add", ["log_price", "qlo"], ["log_lo"]), h.make_node("Add", ["log_price", "qhi"], ["log_hi"]),
      h.make_node("Exp", ["log_price"], ["price"]), h.make_node("Exp", ["log_lo"], ["price_low"]), h.make_node("Exp", ["log_hi"], ["price_high"])]
plain = [i for i in range(len(NUM)) if i not in LOGGED]
i1 = oi + [i64("logcols", LOGGED), i64("plaincols", plain), f32("mean", sc.mean_), f32("sd", sc.scale_), f32("qlo", [qlo1]), f32("qhi", [qhi1])]
assert LOGGED + plain == list(range(len(NUM)))
def gb_node(g, y): return tree_regressor([e[0] for e in g.estimators_], "features", y, g.learning_rate, float(np.ravel(g.init_.constant_ if hasattr(g.init_, "constant_") else g.init_.mean)[0]), y)
n2 = [h.make_node("Gather", ["categorical", "col%d" % j], [c], name="Gather_" + c, axis=1) for j, c in enumerate(CAT)] + [
      h.make_node("LabelEncoder", ["neighborhood"], ["place_level"], domain="ai.onnx.ml", keys_strings=list(level), values_floats=[float(v) for v in level.values()], default_float=float(np.float32(overall))),
      h.make_node("LabelEncoder", ["condition"], ["grade"], domain="ai.onnx.ml", keys_strings=COND, values_floats=[float(v) for v in grade.values()], default_float=5.0),
      h.make_node("OneHotEncoder", ["building_type"], ["building_type_oh"], domain="ai.onnx.ml", cats_strings=cats["building_type"], zeros=1),
      h.make_node("Reshape", ["building_type_oh", "oshape1"], ["building_type_1h"]),
      h.make_node("Concat", ["numeric", "place_level", "grade", "building_type_1h"], ["features"], axis=1),
      gb_node(mid, "mid_raw"), gb_node(lo, "lo_raw"), gb_node(hi, "hi_raw"),
      h.make_node("Sub", ["lo_raw", "widen"], ["lo_w"]), h.make_node("Add", ["hi_raw", "widen"], ["hi_w"]),
      h.make_node("Min", ["lo_w", "mid_raw"], ["lo_c"]), h.make_node("Max", ["hi_w", "mid_raw"], ["hi_c"]),
      h.make_node("Exp", ["mid_raw"], ["price"]), h.make_node("Exp", ["lo_c"], ["price_low"]), h.make_node("Exp", ["hi_c"], ["price_high"])]
m1, m2 = os.path.join(HERE, "model.onnx"), os.path.join(HERE, "model-v2.onnx")
meta = {"feature_names": {"numeric": NUM, "categorical": CAT}, "unit": "USD"}
save_model(m1, n1, ins, outs, i1, graph="house-price-ridge", meta=meta, version=1)
save_model(m2, n2, ins, outs, [t for t in oi if t.name.startswith("col") or t.name == "oshape1"] + [f32("widen", [widen])], graph="house-price-gradient-boosting", meta=meta, version=2)

# ------------------------------------------------------------------ files
PRED = {1: predict1(idx), 2: predict2(idx)}
def metrics(p, rows):
    y, q = price[rows], p[rows]
    return {"rows": len(rows), "mae": np.abs(q[:, 0] - y).mean(), "medianAbsolutePercentError": np.median(np.abs(q[:, 0] / y - 1)) * 100,
            "meanAbsolutePercentError": np.mean(np.abs(q[:, 0] / y - 1)) * 100, "rmse": np.sqrt(((q[:, 0] - y) ** 2).mean()), "r2": r2_score(y, q[:, 0]),
            "intervalTarget": COVER, "intervalCoverage": ((y >= q[:, 1]) & (y <= q[:, 2])).mean(), "intervalWidthMedianPercent": np.median((q[:, 2] - q[:, 1]) / q[:, 0]) * 100}
M = {k: {**metrics(p, te), "sales2010": metrics(p, live)} for k, p in PRED.items()}
F = {
 "living_area": dict(label="Living area above ground", type="integer", unit="sq ft", min=300, max=4000, step=1, sliderStep=10, default=1450, group="Size", help="1 sq m is 10.8 sq ft."),
 "lot_area": dict(label="Lot size", type="integer", unit="sq ft", min=1000, max=220000, step=1, sliderStep=50, default=9500, group="Size", help=""),
 "basement_area": dict(label="Basement area", type="integer", unit="sq ft", min=0, max=3200, step=1, sliderStep=10, default=990, group="Size", help="0 when there is no basement."),
 "bedrooms": dict(label="Bedrooms above ground", type="integer", unit="", min=0, max=8, step=1, default=3, group="Size", help=""),
 "full_baths": dict(label="Full bathrooms", type="integer", unit="", min=0, max=4, step=1, default=2, group="Size", help=""),
 "garage_cars": dict(label="Garage places", type="integer", unit="cars", min=0, max=5, step=1, default=2, group="Size", help="0 when there is no garage."),
 "fireplaces": dict(label="Fireplaces", type="integer", unit="", min=0, max=4, step=1, default=1, group="Size", help=""),
 "year_built": dict(label="Built in", type="integer", unit="year", min=1870, max=2010, step=1, default=1975, group="Age and state", help=""),
 "year_remodeled": dict(label="Last remodelled in", type="integer", unit="year", min=1950, max=2010, step=1, default=1995, group="Age and state", help="The year built when never remodelled; 1950 is the earliest recorded."),
 "condition": dict(label="Overall condition", type="category", default="Average", group="Age and state", help=""),
 "neighborhood": dict(label="Neighborhood", type="category", default="North_Ames", group="Place", help="A part of Ames, Iowa."),
 "building_type": dict(label="Type of home", type="category", default="OneFam", group="Place", help=""),
}
lab = lambda c, v: pretty[v] if c == "building_type" else v.replace("_", " ")
# One held-out sale stands in a neighborhood without any in the training rows: the model takes it, so the form offers it.
shown = {**cats, "neighborhood": sorted([*cats["neighborhood"], "Green_Hills"])}
inputs = []
for c in F:
    f = dict(name=c, **F[c], required=True)
    if c in CAT: f["categories"] = [{"value": v, "label": lab(c, v)} for v in shown[c]]
    f["tensor"] = {"name": "numeric", "index": NUM.index(c)} if c in NUM else {"name": "categorical", "index": CAT.index(c)}
    inputs.append(f)
write_json(os.path.join(HERE, "schema.json"), {
 "schemaVersion": 1, "slug": "house-price", "task": "regression", "inputs": inputs,
 "tensors": {"inputs": [{"name": "numeric", "dtype": "float32", "shape": ["N", len(NUM)], "layout": "matrix", "fields": NUM},
                        {"name": "categorical", "dtype": "string", "shape": ["N", len(CAT)], "layout": "matrix", "fields": CAT}],
             "outputs": [{"name": o, "dtype": "float32", "shape": ["N", 1]} for o in ("price", "price_low", "price_high")]},
 "outputs": [{"name": "price", "label": "Estimated sale price", "kind": "number", "tensor": "price", "unit": "$", "format": {"style": "currency", "currency": "USD", "maximumFractionDigits": 0},
              "interval": {"low": "price_low", "high": "price_high", "coverage": COVER, "label": "8 sales in 10 fall in this range"}}]})
order = list(F)
def row(i): return {c: (int(X[c].iloc[i]) if c in NUM else X[c].iloc[i]) for c in order}
def expect(Xs):
    a = Xs[NUM].to_numpy(np.float32); c = ohe.transform(Xs[CAT]); l = a.astype(float).copy(); l[:, LOGGED] = np.log(l[:, LOGGED])
    m = v1.predict(np.hstack([sc.transform(l), c])); z = design2(a, Xs, c); k = mid.predict(z)
    r1 = np.exp(np.stack([m, m + qlo1, m + qhi1], 1)); r2 = np.exp(np.stack([k, np.minimum(lo.predict(z) - widen, k), np.maximum(hi.predict(z) + widen, k)], 1))
    return [[dict(zip(("price", "price_low", "price_high"), r)) for r in q] for q in (r1, r2)]
rng = np.random.RandomState(SEED)
tv = rng.choice(te, 50, replace=False); e1, e2 = expect(X.iloc[tv])
write_json(os.path.join(HERE, "test-vectors.json"), {
 "note": "Held-out sales; expected values computed by scikit-learn 1.2.1 in double precision, not by onnxruntime.", "tolerance": {"atol": 1e-4, "rtol": 1e-4},
 "vectors": [{"inputs": row(i), "actual": price[i], "expected": {"model.onnx": a, "model-v2.onnx": b}} for i, a, b in zip(tv, e1, e2)]})
rest = np.setdiff1d(te, tv)
ok = [i for i in rest if X["neighborhood"].iloc[i] in cats["neighborhood"] and X["condition"].iloc[i] in COND]
X.iloc[rng.choice(ok, 20, replace=False)][order].to_csv(os.path.join(HERE, "samples.csv"), index=False)
home = dict(living_area=1450, lot_area=9500, basement_area=990, bedrooms=3, full_baths=2, garage_cars=2, fireplaces=1, year_built=1975, year_remodeled=1995, condition="Average", neighborhood="North_Ames", building_type="OneFam")
ex = [("Typical family home", "Three bedrooms in North Ames, built 1975.", home),
      ("The same house in Northridge Heights", "Only the neighborhood changes: what is the address worth?", {**home, "neighborhood": "Northridge_Heights"}),
      ("New and large", "2,600 sq ft from 2007 in Stone Brook, three garage places.",
       dict(living_area=2600, lot_area=12500, basement_area=1700, bedrooms=4, full_baths=3, garage_cars=3, fireplaces=2, year_built=2007, year_remodeled=2007, condition="Average", neighborhood="Stone_Brook", building_type="OneFam"))]
a, b = expect(pd.DataFrame([e[2] for e in ex]))
write_json(os.path.join(HERE, "examples.json"), [{"name": n, "description": t, "inputs": i, "expected": {"model.onnx": p, "model-v2.onnx": q}} for (n, t, i), p, q in zip(ex, a, b)])
X.iloc[live][order].to_csv(os.path.join(HERE, "traffic-normal.csv"), index=False)     # the real sales of 2010
dr = [i for i in np.concatenate([te, live]) if X["year_built"].iloc[i] >= 2003 and X["living_area"].iloc[i] > 1500]
X.iloc[dr][order].to_csv(os.path.join(HERE, "traffic-drifted.csv"), index=False)       # only new, large homes
X.iloc[rng.choice(tr, 64, replace=False)][order].to_csv(os.path.join(HERE, "background.csv"), index=False)
write_json(os.path.join(HERE, "baseline.json"), {
 "rows": len(tr), "source": "training split (sales 2006-2009)",
 "features": {c: (numeric_baseline(X[c].iloc[tr], integer=True) | {"integer": True} if c in NUM else categorical_baseline(X[c].iloc[tr])) for c in order},
 "target": {"name": "price", **numeric_baseline(price[tr])},
 "predictions": {f: {"price": numeric_baseline(PRED[k][tr, 0])} for k, f in ((1, "model.onnx"), (2, "model-v2.onnx"))}})
write_json(os.path.join(HERE, "card.json"), {
 "slug": "house-price", "name": "House price", "pitch": "A sale price in seconds, with an honest range around it.",
 "description": "Estimates what a home in Ames, Iowa would have sold for, from its size, age, condition and neighborhood, with a range that holds 8 sales in 10. Move a slider and watch the price follow.",
 "task": "regression", "icon": "home", "trainedOn": TRAINED_ON, "splits": {"train": len(tr), "test": len(te), "how": "sales of 2006-2009, random 80/20; the %d sales of 2010 are a second test (metrics.sales2010)" % len(live)},
 "data": {"title": "Ames housing (De Cock 2011)", "rows": len(X), "rowsBeforeFilter": all_rows, "source": "R package modeldata 1.1.0, data set ames (Debian package r-cran-modeldata); De Cock, D. (2011), Journal of Statistics Education 19(3); public records of the Ames City Assessor",
          "licence": "MIT (modeldata package, copyright 2019 Max Kuhn, RStudio)", "note": "Sales from January 2006 to July 2010, prices of that time. Only ordinary market sales (no foreclosures, no sales inside a family) of homes up to 4,000 sq ft."},
 "versions": [{"version": k, **file_info(f), "algorithm": al, "trainedOn": TRAINED_ON, "metrics": M[k], "releaseNotes": rn} for k, f, al, rn in
              ((1, m1, "Ridge regression on log price, range from out-of-fold residuals", "First release: one range width, in percent, for every home."),
               (2, m2, "Gradient boosted trees (median-like fit and two quantile fits), conformally calibrated range", "Smaller error, and a range that is narrower for ordinary homes and wider for unusual ones."))],
 "limitations": ["Prices of 2006-2010 in one town in the United States; not a valuation.", "Homes outside the training range (very large lots, unknown neighborhoods) get a guess and should be flagged."]})
for k in M: print("v%d" % k, {m: (round(v, 4) if not isinstance(v, dict) else {a: round(b, 4) for a, b in v.items()}) for m, v in M[k].items()})
print("unknown categories in test/live:", sorted(set(X["neighborhood"]) - set(cats["neighborhood"])), sorted(set(X["condition"]) - set(COND)), "crossing in v2 low>mid:", int((lo.predict(Z2) - widen > mid.predict(Z2)).sum()), "drift rows", len(dr))
