{{- /* What the operator may do where candidates live: verb by verb, no wildcard, no secrets. */ -}}
{{- define "sluice.rules" -}}
# Its own objects: it reads intent, writes the status and its finalizer.
- apiGroups: [sluice.dev]
  resources: [modelcandidates]
  verbs: [get, list, watch, patch]
- apiGroups: [sluice.dev]
  resources: [modelcandidates/status, modelcandidates/finalizers]
  verbs: [update]
- apiGroups: [sluice.dev]
  resources: [rolloutplans]
  verbs: [get, list, watch]
# The pinned plan; the garbage collector removes it with its candidate.
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get, create]
# The evaluation Job, its input, and its pod's last words.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, create]
# The policy around that pod, made before it.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, create]
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
# The target: traffic moves by patches; Deployments that Seldon left behind are deleted.
- apiGroups: [machinelearning.seldon.io]
  resources: [seldondeployments]
  verbs: [get, list, watch, patch]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, delete]
# The route: read to see a step applied, written only when Seldon's manager is down.
- apiGroups: [networking.istio.io]
  resources: [virtualservices]
  verbs: [get, list, watch, update]
- apiGroups: [networking.istio.io]
  resources: [destinationrules]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- end -}}
