"""The 2015 network against torch-fidelity's, and the forms that its weights come in."""

import io
import tarfile

import keras
import numpy as np
import pytest
from random_inception import random_images, random_tensor
from recorded import RECORDED

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.networks import set_weights
from tfgan_repro.metrics.inception import InceptionExtractor, inception_network
from tfgan_repro.metrics.inception_weights import ADDRESS, find_weights, pytorch_names, read_weights
from tfgan_repro.metrics.resize import tf1_bilinear

OUTPUTS = (64, 192, 768, 2048, "logits_unbiased", "logits")


@pytest.fixture(scope="module")
def network():
    return inception_network(OUTPUTS)


@pytest.fixture(scope="module")
def state(network):
    """A PyTorch state dictionary of random weights: the very ones that torch-fidelity was given."""
    state = {}
    for module, layer in pytorch_names().items():
        height, width, inputs, outputs = network.get_layer(layer).kernel.shape
        shapes = {"conv.weight": (outputs, inputs, height, width)}
        shapes |= dict.fromkeys(("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"), (outputs,))
        for part, shape in shapes.items():
            state[f"{module}.{part}"] = random_tensor(f"{module}.{part}", shape)
    for name, shape in (("fc.weight", (1008, 2048)), ("fc.bias", (1008,))):
        state[name] = random_tensor(name, shape)
    return state


@pytest.fixture(scope="module")
def state_file(state, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "port.npz"
    np.savez(path, **state)
    return path


@pytest.fixture(scope="module")
def folded(state_file):
    return read_weights(state_file)


def frozen_graph(state):
    """The same weights as a frozen TensorFlow graph, serialised."""
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef()

    def constant(name, value):
        node = graph.node.add(name=name, op="Const")
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        node.attr["dtype"].type = tf.float32.as_datatype_enum

    parts = {"bias": "beta", "weight": "gamma", "running_mean": "moving_mean", "running_var": "moving_variance"}
    for module, layer in pytorch_names().items():
        scope = layer.replace("_conv", "/conv").replace("_tower", "/tower").replace("_mixed/", "/mixed/")
        constant(f"{scope}/conv2d_params", state[f"{module}.conv.weight"].transpose(2, 3, 1, 0))
        for part, name in parts.items():
            constant(f"{scope}/batchnorm/{name}", state[f"{module}.bn.{part}"])
    constant("softmax/weights", state["fc.weight"].T)
    constant("softmax/biases", state["fc.bias"])
    return graph.SerializeToString()


def test_it_has_94_convolutions_and_1008_logits(network):
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in network.layers) == 94
    assert len(pytorch_names()) == len(set(pytorch_names().values())) == 94
    assert network.output["logits"].shape == (None, 1008)


def test_every_output_agrees_with_torch_fidelity(network, folded):
    set_weights(network, folded, "port.npz")
    images = [(tf1_bilinear(image[None], 299) - 128) / 128 for image in random_images()]
    outputs = [network(image, training=False) for image in images]
    for name in map(str, OUTPUTS):
        ours = np.concatenate([output[name] for output in outputs])
        for mine, theirs in zip(ours, RECORDED[name]):
            assert np.linalg.norm(mine - theirs) < 1e-5 * np.linalg.norm(theirs), name


def test_the_frozen_graph_and_its_archive_give_the_same_weights(state, folded, tmp_path):
    graph = frozen_graph(state)
    (tmp_path / "classify_image_graph_def.pb").write_bytes(graph)
    with tarfile.open(tmp_path / "inception.tgz", "w:gz", compresslevel=0) as archive:
        member = tarfile.TarInfo("./classify_image_graph_def.pb")
        member.size = len(graph)
        archive.addfile(member, io.BytesIO(graph))
    for name in ("classify_image_graph_def.pb", "inception.tgz"):
        read = read_weights(tmp_path / name)
        assert read.keys() == folded.keys()
        for key, value in read.items():
            np.testing.assert_array_equal(value, folded[key])


def test_folded_weights_are_taken_as_they_are(folded, tmp_path):
    short = {key: value for key, value in folded.items() if key.startswith("conv")}
    np.savez(tmp_path / "folded.npz", **short)
    read = read_weights(tmp_path / "folded.npz")
    assert read.keys() == short.keys()
    np.testing.assert_array_equal(read["conv_4/kernel"], folded["conv_4/kernel"])


def test_another_network_is_refused_under_this_name(state_file, tmp_path):
    with pytest.raises(UserError, match="port.npz is another network than the 2015 Inception-v3.*layer conv differs"):
        InceptionExtractor(state_file)


def test_features_that_the_weights_do_not_reach_are_refused(inception_weights):
    with pytest.raises(UserError, match="has no weights for layer mixed_.*--features 768"):
        InceptionExtractor(inception_weights, features=2048)
    with pytest.raises(UserError, match="--features 100: the 2015 network has 64, 192, 768, 2048"):
        InceptionExtractor(inception_weights, features=100)
    with pytest.raises(UserError, match="unknown precision 'float16'"):
        InceptionExtractor(inception_weights, precision="float16")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("weights.npz", b"no archive", "cannot be read"),
        ("weights.pb", b"no graph", "cannot be read as Inception weights: not a frozen TensorFlow graph"),
        ("weights.pb", b"", "does not hold weights of the 2015 Inception-v3"),
        ("weights.tgz", b"no archive", "cannot be read as Inception weights"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name} {message}"):
        read_weights(tmp_path / name)


def test_a_damaged_archive_is_refused(tmp_path):
    graph = np.random.default_rng(0).integers(0, 256, 2**20, np.uint8).tobytes()
    with tarfile.open(tmp_path / "weights.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("classify_image_graph_def.pb")
        member.size = len(graph)
        archive.addfile(member, io.BytesIO(graph))
    content = (tmp_path / "weights.tgz").read_bytes()
    (tmp_path / "weights.tgz").write_bytes(content[: len(content) // 2] + b"\xff" * (len(content) // 2))
    with pytest.raises(UserError, match="weights.tgz cannot be read as Inception weights"):
        read_weights(tmp_path / "weights.tgz")


def test_an_archive_without_the_graph_is_refused(tmp_path):
    with tarfile.open(tmp_path / "weights.tgz", "w:gz"):
        pass
    with pytest.raises(UserError, match="does not contain classify_image_graph_def.pb"):
        read_weights(tmp_path / "weights.tgz")


def test_weights_are_named_downloaded_or_refused_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inception-2015-12-05.tgz").touch()  # in the working directory: never taken

    def download(origin, **options):
        assert origin == ADDRESS
        print("Downloading data")
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.utils, "get_file", download)
    with pytest.raises(UserError, match=f"could not be downloaded; fetch {ADDRESS} and name it with") as error:
        find_weights()
    assert "\n" not in str(error.value)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(UserError, match="no Inception weights at missing.npz .from --inception-weights"):
        find_weights("missing.npz")
    monkeypatch.setenv("TFGAN_REPRO_INCEPTION_WEIGHTS", "gone.npz")
    with pytest.raises(UserError, match="gone.npz .from TFGAN_REPRO_INCEPTION_WEIGHTS"):
        find_weights()


def test_a_download_is_found_in_keras_cache(monkeypatch):
    monkeypatch.setattr(keras.utils, "get_file", lambda origin, cache_subdir: f"/cache/{cache_subdir}/file.tgz")
    assert str(find_weights()) == "/cache/models/file.tgz"
