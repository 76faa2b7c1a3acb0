{{- /* The operator's configuration file. */ -}}
{{- define "sluice.config" -}}
registries:
  {{- toYaml .Values.registries | nindent 2 }}
metricsProviders:
  {{- toYaml .Values.metricsProviders | nindent 2 }}
stores:
  {{- toYaml .Values.stores | nindent 2 }}
rayClusters:
  {{- toYaml .Values.rayClusters | nindent 2 }}
championAlias: {{ .Values.championAlias | quote }}
evaluation:
  image: {{ include "sluice.image" (list . .Values.evaluation.image) | quote }}
  attempts: {{ .Values.evaluation.attempts }}
  maxModelMebibytes: {{ int .Values.evaluation.maxModelMebibytes }}
  maxDatasetMebibytes: {{ int .Values.evaluation.maxDatasetMebibytes }}
  podPorts: {{ toJson .Values.networkPolicy.podPorts }}
  resources:
    {{- toYaml .Values.evaluation.resources | nindent 4 }}
workers: {{ .Values.operator.workers }}
gatewaySeconds: {{ .Values.operator.gatewaySeconds }}
heartbeatSeconds: {{ .Values.operator.heartbeatSeconds }}
{{- end -}}
