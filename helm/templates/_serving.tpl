{{/* What serves customers: the gateway, and beside it what has the channels of calls. {root, component} */}}
{{- define "sordino.serving" -}}
{{- $given := . -}}
{{- $component := .component -}}
{{- $selector := include "sordino.selector" . -}}
{{- with .root -}}
{{- $calls := eq $component "calls" -}}
{{- $kind := ternary "Deployment" (include "sordino.kind" .) $calls -}}
{{- $name := printf "%s%s" (include "sordino.fullname" .) (ternary "-calls" "" $calls) -}}
{{- $workers := int (ternary .Values.calls.workers .Values.workers $calls) -}}
{{- $resources := ternary (.Values.calls.resources | default .Values.resources) .Values.resources $calls -}}
apiVersion: apps/v1
kind: {{ $kind }}
metadata:
  name: {{ $name }}
  labels:
    {{- include "sordino.labels" . | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
spec:
  {{- if $calls }}
  replicas: 1 # a call lives in the memory of one process; in an upgrade there are two for a moment
  {{- else if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  {{- if eq $kind "StatefulSet" }}
  serviceName: {{ include "sordino.fullname" . }}-internal
  podManagementPolicy: Parallel
  volumeClaimTemplates:
    - metadata:
        name: home
        labels: {{- $selector | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .Values.persistence.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ .Values.persistence.size }}}}
  {{- else }}
  strategy:
    {{- if include "sordino.external" . }}
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
    {{- else }}
    type: Recreate # SQLite has one writer
    {{- end }}
  {{- end }}
  selector:
    matchLabels: {{- $selector | nindent 6 }}
  template:
    metadata:
      {{- include "sordino.podMetadata" $given | nindent 6 }}
    spec:
      serviceAccountName: {{ include "sordino.fullname" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ add (mul .Values.drainSeconds 2) 30 }}
      securityContext: {{- include "sordino.podSecurityContext" . | nindent 8 }}
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- include "sordino.placeFiles" . | nindent 6 }}
      containers:
        - name: gateway
          image: {{ include "sordino.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [serve, --notice, /etc/sordino/{{ .Values.notice.key }}{{ if gt $workers 1 }}, --workers, {{ $workers | quote }}{{ end }}]
          env:
            {{- include "sordino.env" $given | nindent 12 }}
            {{- if include "sordino.external" . }}
            - {name: SORDINO_BACKGROUND_JOBS, value: "false"}
            {{- end }}
          lifecycle:
            preStop: {sleep: {seconds: 5}} # until nobody sends new connections here any more
          ports:
            - {name: public, containerPort: 8080}
            - {name: internal, containerPort: 8081}
          {{- /* There is no other pod to send calls to: theirs is sent them as long as it lives. */}}
          {{- include "sordino.probes" (dict "root" . "ready" (ternary "live" "ready" $calls)) | nindent 10 }}
          resources: {{- toYaml $resources | nindent 12 }}
          securityContext: {{- include "sordino.securityContext" . | nindent 12 }}
          volumeMounts: {{- include "sordino.mounts" . | nindent 12 }}
      volumes:
        {{- include "sordino.volumes" . | nindent 8 }}
        {{- if ne $kind "StatefulSet" }}
        - name: home
          {{- if and .Values.persistence.enabled (not $calls) }}
          persistentVolumeClaim: {claimName: {{ include "sordino.fullname" . }}}
          {{- else }}
          emptyDir: {}
          {{- end }}
        {{- end }}
      {{- if and .Values.topologySpread.enabled (not $calls) }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: {{ .Values.topologySpread.topologyKey }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- $selector | nindent 14 }}
      {{- end }}
      {{- with include "sordino.placement" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
{{- end }}
{{- end -}}
