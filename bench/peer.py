#!/usr/bin/python3
"""The service most teams write today, as a yardstick: FastAPI in front of a scikit-learn pipeline.

It validates one 'customer-churn' row with pydantic, scores it and answers JSON. It has no accounts, keys,
limits, history or metrics: all of that would only slow it down, so the comparison favours it.

Needs Debian's python3-fastapi, python3-uvicorn, python3-sklearn and python3-pandas.
Run:  MODEL=linear|trees python3 -m uvicorn peer:app --port 8000 --log-level warning
"""
import os
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel, Field
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = Path(__file__).resolve().parent / "churn-rows.csv"
NUMBERS = ["tenure", "senior_citizen", "monthly_charges"]


def fitted_pipeline(kind: str):
    """A pipeline of the same shape and size as the demo model; its weights do not matter for its speed."""
    rows = pd.read_csv(ROWS)
    target = np.random.RandomState(7).randint(0, 2, len(rows))
    words = [c for c in rows.columns if c not in NUMBERS]
    columns = ColumnTransformer([("n", StandardScaler(), NUMBERS), ("w", OneHotEncoder(handle_unknown="ignore"), words)],
                                sparse_threshold=0)
    model = (LogisticRegression(max_iter=2000) if kind == "linear"
             else GradientBoostingClassifier(n_estimators=140, max_depth=3, random_state=7))
    return make_pipeline(columns, model).fit(rows, target), list(rows.columns)


PIPELINE, COLUMNS = fitted_pipeline(os.environ.get("MODEL", "linear"))
app = FastAPI()
YesNo = Literal["No", "Yes"]


class Row(BaseModel):
    tenure: int = Field(ge=0, le=72)
    contract: Literal["Month-to-month", "One year", "Two year"]
    monthly_charges: float = Field(ge=0, le=200)
    payment_method: str
    paperless_billing: YesNo
    internet_service: str
    online_security: str
    tech_support: str
    multiple_lines: str
    senior_citizen: Literal[0, 1]
    partner: YesNo
    dependents: YesNo


@app.post("/predict")
def predict(row: Row):
    frame = pd.DataFrame([row.dict()], columns=COLUMNS)
    no, yes = PIPELINE.predict_proba(frame)[0]
    return {"label": "Yes" if yes > no else "No", "probabilities": {"No": no, "Yes": yes}}


@app.get("/health")
def health():
    return {"status": "ok"}
