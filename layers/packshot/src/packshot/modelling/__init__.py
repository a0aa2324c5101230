"""The predictor's life: snapshot, judgement, promotion, return, and what its foresight is used for.

```
snapshots/<version>/train/….parquet   what a model may learn from
snapshots/<version>/sample.npz        some customers whole, to judge and to foresee by
candidates/<version>/output/model.tar.gz   what training made
models/<version>/model.tar.gz, golden.json what may serve, and what it has to answer
models/champion.json                  who serves, and who did before
evaluations/<version>.json            how a candidate was judged, refused ones too
demand/latest.json, history/<date>.json    what is expected to be bought
```
"""
