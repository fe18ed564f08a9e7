"""Writes a snapshot that Chainer takes of a trainer with many extensions, and where its training ends, into chainer_trainer.npz.
Run: PYTHONPATH=CHAINER python3 generate_trainer.py"""
import io
import pathlib
import shutil
import tempfile
import zipfile

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
from chainer import training
from chainer.training import extensions, triggers

rng = np.random.RandomState(0)
x, t = rng.randn(20, 5).astype("f"), (np.arange(20) % 3).astype("i")
model = L.Classifier(chainer.Sequential(L.Linear(5, 8), F.relu, L.Linear(8, 3)))
optimizer = chainer.optimizers.Adam(alpha=0.05).setup(model)
data = chainer.datasets.TupleDataset(x, t)
updater = training.updaters.StandardUpdater(chainer.iterators.SerialIterator(data, 4, shuffle=False), optimizer)
out = pathlib.Path(tempfile.mkdtemp())
stop = triggers.EarlyStoppingTrigger(monitor="main/loss", patience=50, max_trigger=(12, "iteration"))
trainer = training.Trainer(updater, stop, out=str(out))


@training.make_extension(trigger=(1, "iteration"), priority=training.PRIORITY_WRITER, default_name="count")
def count(trainer):
    trainer.observation.update(n=trainer.updater.iteration, d=4)


trainer.extend(count)
trainer.extend(extensions.Evaluator(chainer.iterators.SerialIterator(data, 6, repeat=False, shuffle=False), model), trigger=(2, "iteration"))
trainer.extend(extensions.LogReport(trigger=(3, "iteration")))
trainer.extend(extensions.ExponentialShift("alpha", 0.8), trigger=(2, "iteration"))
trainer.extend(extensions.LinearShift("beta1", (0.9, 0.5), (2, 10)))
trainer.extend(extensions.StepShift("eta", 0.9, 2))
trainer.extend(extensions.PolynomialShift("weight_decay_rate", 2, 20, init=0.01))
trainer.extend(extensions.InverseShift("eps", 0.1, 1, init=1e-6))
trainer.extend(extensions.MultistepShift("beta2", 0.99, [3, 5, 9], 0.999), trigger=(1, "iteration"))
trainer.extend(extensions.observe_lr())
trainer.extend(extensions.FailOnNonNumber())
trainer.extend(extensions.ParameterStatistics(model, {"mean": lambda a: a.mean()}, trigger=(4, "iteration")))
trainer.extend(extensions.MicroAverage("n", "d", "ratio"))
trainer.extend(extensions.PlotReport(["main/loss"], filename="loss.png"))
trainer.extend(extensions.DumpGraph("main/loss"))
trainer.extend(extensions.snapshot_object(model, "best"), trigger=triggers.MaxValueTrigger("main/accuracy", (2, "iteration")))
trainer.extend(extensions.snapshot_object(model, "once"), trigger=triggers.OnceTrigger())
trainer.extend(extensions.snapshot_object(model, "manual"), trigger=triggers.ManualScheduleTrigger([3, 9], "iteration"))
trainer.extend(extensions.snapshot_object(model, "time"), trigger=triggers.TimeTrigger(1000))
trainer.extend(extensions.snapshot(), trigger=(7, "iteration"))
trainer.run()

target = pathlib.Path(__file__).parent / "chainer_trainer.npz"
shutil.copy(out / "snapshot_iter_7", target)
with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
    ends = {"expected" + name: param.array for name, param in model.namedparams()}
    losses = np.array([entry["main/loss"] for entry in trainer.get_extension("LogReport").log])
    for name, array in {"x": x, "t": t, "expected/log": losses, **ends}.items():
        content = io.BytesIO()
        np.save(content, array)
        archive.writestr(name + ".npy", content.getvalue())
