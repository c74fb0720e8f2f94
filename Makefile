PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := results/demo

.PHONY: demo test test-long test-lowest clean

# Train on the embedded letters for less than four minutes (two cores), score the result, say where everything is.
demo: $(VENV)/installed
	rm -rf $(DEMO)
	$(BIN)/python train.py --model dcgan --dataset letters --width 0.25 --no-full-resolution --batch-size 32 \
		--generator-conditioning batch-normalization --discriminator-conditioning projection \
		--discriminator-learning-rate 2e-4 --instance-noise 0.2 --ema-half-life 10000 \
		--steps 8000 --learning-rate-decay-steps 8000 --fid-every 2000 --extractor letters --run-dir $(DEMO)
	$(BIN)/python evaluate.py --checkpoint $(DEMO) --fid-samples 1000 --extractor letters
	$(BIN)/python -m tfgan_repro.report $(DEMO)
	@echo "animation  $(DEMO)/training.gif"
	@echo "page       $(DEMO)/index.html: open it in a browser"

test: $(VENV)/installed
	$(BIN)/python -m flake8
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest

# The proofs that take minutes: many kills, whole trainings in two precisions, every choice on both backends, notebooks.
test-long: $(VENV)/installed
	$(BIN)/python -m pytest -m long

# Scores and picture files with the lowest versions that setup.cfg allows of what computes them.
test-lowest:
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-lowest/bin/python -m pip install --quiet --editable ".[test]" \
		$$(sed -nE 's/^(keras|numpy|pillow|scipy)>=([0-9.]+).*/\1==\2/p' requirements.txt)
	$(VENV)-lowest/bin/python -m pytest tests/metrics tests/test_image_files.py

# The pip that Python 3.10 brings tries old versions of many packages for a quarter of an hour.
$(VENV)/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-lowest build dist *.egg-info $(DEMO)
