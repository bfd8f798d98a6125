{{- define "sordino.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sordino.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sordino.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sordino.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ include "sordino.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "sordino.selector" -}}
app.kubernetes.io/name: {{ include "sordino.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "sordino.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "sordino.external" -}}
{{- if or .Values.database.existingSecret .Values.database.cloudNativePG.enabled -}}true{{- end -}}
{{- end -}}

{{/* With a volume and PostgreSQL each gateway has one of its own, for the spool: then they are a StatefulSet. What has
     the channels of calls never is: its pod has to start elsewhere when its node is dead. */}}
{{- define "sordino.kind" -}}
{{- if and (include "sordino.external" .) .Values.persistence.enabled -}}StatefulSet{{- else -}}Deployment{{- end -}}
{{- end -}}

{{/* Channels of calls have a pod of their own where there may be several gateways: a call lives in one process. */}}
{{- define "sordino.callsApart" -}}
{{- if and (include "sordino.external" .) .Values.calls.channels -}}true{{- end -}}
{{- end -}}

{{- define "sordino.noticeMap" -}}
{{- .Values.notice.existingConfigMap | default (printf "%s-notice" (include "sordino.fullname" .)) -}}
{{- end -}}

{{/* What can't work is said when the chart is rendered, not when a pod fails. */}}
{{- define "sordino.check" -}}
{{- if not (or .Values.notice.text .Values.notice.existingConfigMap) -}}
{{- fail "notice.text or notice.existingConfigMap is needed: --set-file notice.text=notice.yaml" -}}
{{- end -}}
{{- if not (or .Values.rootKey.openbaoUrl .Values.rootKey.fileSecret.name) -}}
{{- fail "rootKey.openbaoUrl or rootKey.fileSecret.name is needed: without a root key nothing can be stored" -}}
{{- end -}}
{{- if and .Values.rootKey.openbaoUrl .Values.rootKey.fileSecret.name -}}
{{- fail "rootKey: give openbaoUrl or fileSecret, not both" -}}
{{- end -}}
{{- if and .Values.database.existingSecret .Values.database.cloudNativePG.enabled -}}
{{- fail "database: give existingSecret or cloudNativePG, not both" -}}
{{- end -}}
{{- if and (include "sordino.external" .) (not (and .Values.ledger.sink .Values.ledger.keySecret.name (hasPrefix "s3://" .Values.blobs.url))) -}}
{{- fail "with PostgreSQL no pod may keep anything of its own: ledger.sink and blobs.url (buckets) and ledger.keySecret.name are needed" -}}
{{- end -}}
{{- if and (hasKey .Values.settings "spool") (not .Values.persistence.enabled) -}}
{{- fail "settings.spool needs persistence.enabled: what waits there must outlive the pod" -}}
{{- end -}}
{{- if not (include "sordino.external" .) -}}
{{- if or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled -}}
{{- fail "more than one gateway needs PostgreSQL (database.existingSecret or database.cloudNativePG); SQLite: replicas: 1" -}}
{{- end -}}
{{- if not .Values.persistence.enabled -}}
{{- fail "SQLite needs persistence.enabled: what was acknowledged must outlive the pod" -}}
{{- end -}}
{{- end -}}
{{- if include "sordino.external" . -}}
{{- $channels := (fromYaml .Values.notice.text).channels -}}
{{- if kindIs "map" $channels -}}
{{- $calls := list -}}
{{- range $name, $channel := $channels -}}
{{- if kindIs "map" $channel -}}
{{- if eq (get $channel "kind" | toString) "call" -}}
{{- $calls = append $calls $name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $calls -}}
{{- if not (has . $.Values.calls.channels) -}}
{{- fail (printf "calls.channels: the notice's channel %s is one of calls, each of which lives in one process" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.calls.channels -}}
{{- if not (has . $calls) -}}
{{- fail (printf "calls.channels: the notice has no channel of calls that is called %s" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name := list "trusted_proxies" "public_tls_cert" "public_tls_key" "internal_tls_cert" "internal_tls_key" "upstream_tls_ca" "upstream_tls_cert" "upstream_tls_key" "ledger_sink" "ledger_key" "blobs_url" "database_url" "keys_url" "root_key" "drain_seconds" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s: use trustedProxies, tls, ledger and blobs, database, rootKey and drainSeconds, which the rest of the chart knows of" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "home" "public_listen" "internal_listen" "background_jobs" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s: the chart decides it" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "blobs_secret_key" "bot_secrets" "channel_secrets" "hook_secret" "internal_token" "oidc_client_secret" "platform_api_keys" "platform_secrets" "root_key_token" "smtp_password" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s: a secret is given by reference, as secretEnv" $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is more than maxReplicas" -}}
{{- end -}}
{{- if and .Values.csi.driver (not .Values.csi.providerClass) -}}
{{- fail "csi.providerClass is needed: the SecretProviderClass that says what is mounted" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.host is needed" -}}
{{- end -}}
{{- if and .Values.gatewayAPI.enabled (not .Values.gatewayAPI.parentRefs) -}}
{{- fail "gatewayAPI.parentRefs is needed: the Gateway that the route belongs to" -}}
{{- end -}}
{{- end -}}

{{- define "sordino.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "sordino.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* The secret files: {setting, secret, key}, the root key's and the ledger's among them. */}}
{{- define "sordino.files" -}}
{{- $files := .Values.secretFiles -}}
{{- if .Values.rootKey.fileSecret.name -}}
{{- $files = append $files (dict "setting" "ROOT_KEY" "secret" .Values.rootKey.fileSecret.name "key" .Values.rootKey.fileSecret.key) -}}
{{- end -}}
{{- if .Values.ledger.keySecret.name -}}
{{- $files = append $files (dict "setting" "LEDGER_KEY" "secret" .Values.ledger.keySecret.name "key" .Values.ledger.keySecret.key) -}}
{{- end -}}
{{- dict "files" $files | toJson -}}
{{- end -}}

{{/* The certificates' secrets, by the setting that they are for. */}}
{{- define "sordino.tls" -}}
{{- $found := dict -}}
{{- range $setting, $secret := dict "PUBLIC" .Values.tls.public "INTERNAL" .Values.tls.internal "UPSTREAM" .Values.tls.bots -}}
{{- if $secret -}}
{{- $found = set $found $setting $secret -}}
{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- define "sordino.probe" -}}
httpGet: {path: /health/{{ .path }}, port: internal{{ if .root.Values.tls.internal }}, scheme: HTTPS{{ end }}}
{{- end -}}

{{/* What asks a pod how it is. {root, ready}: the path that says whether it is sent anything.
     `ready` may take nine seconds where a database or OpenBao does not answer, and says so then. */}}
{{- define "sordino.probes" -}}
startupProbe:
  {{- include "sordino.probe" (dict "root" .root "path" "ready") | nindent 2 }}
  periodSeconds: 2
  timeoutSeconds: 10
  failureThreshold: 60
readinessProbe:
  {{- include "sordino.probe" (dict "root" .root "path" .ready) | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 10
livenessProbe:
  {{- include "sordino.probe" (dict "root" .root "path" "live") | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end -}}

{{/* A pod's labels and annotations. {root, component} */}}
{{- define "sordino.podMetadata" -}}
{{- $component := .component -}}
{{- with .root -}}
{{- $annotations := .Values.podAnnotations | default dict -}}
{{- if eq $component "calls" -}}
{{- $annotations = merge dict (.Values.calls.podAnnotations | default dict) $annotations -}}
{{- end -}}
{{- if ne $component "migrations" -}}
{{- $digest := .Values.notice.text | default .Values.notice.existingConfigMap | sha256sum -}}
{{- $annotations = merge (dict "sordino/notice-digest" $digest) $annotations -}}
{{- end -}}
labels:
  {{- include "sordino.labels" . | nindent 2 }}
  app.kubernetes.io/component: {{ $component }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Where pods may run, and which of them first. */}}
{{- define "sordino.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A setting as it is written: numbers of a file of values are floats, and a million would be 1e+06. */}}
{{- define "sordino.written" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{/* The variables. {root, component}: calls have no spool, for their pod has no volume. */}}
{{- define "sordino.env" -}}
{{- $calls := eq .component "calls" -}}
{{- with .root -}}
- {name: SORDINO_HOME, value: /var/lib/sordino/home}
- {name: SORDINO_PUBLIC_LISTEN, value: "0.0.0.0:8080"}
- {name: SORDINO_INTERNAL_LISTEN, value: "0.0.0.0:8081"}
- {name: SORDINO_DRAIN_SECONDS, value: {{ .Values.drainSeconds | quote }}}
{{- with .Values.blobs.url }}
- {name: SORDINO_BLOBS_URL, value: {{ . | quote }}}
{{- end }}
{{- with .Values.ledger.sink }}
- {name: SORDINO_LEDGER_SINK, value: {{ . | quote }}}
{{- end }}
{{- if .Values.rootKey.openbaoUrl }}
- {name: SORDINO_ROOT_KEY, value: {{ .Values.rootKey.openbaoUrl | quote }}}
{{- with .Values.rootKey.openbaoTokenSecret }}
{{- if .name }}
- name: SORDINO_ROOT_KEY_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- end }}
{{- range (include "sordino.files" . | fromJson).files }}
- {name: SORDINO_{{ .setting }}, value: "{{ if not (hasSuffix "_FILE" .setting) }}file://{{ end }}/run/sordino/{{ lower .setting }}"}
{{- end }}
{{- if .Values.database.existingSecret }}
- name: SORDINO_DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.sessionsKey }}}}
- name: SORDINO_KEYS_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.keysKey }}}}
{{- else if .Values.database.cloudNativePG.enabled }}
- name: SORDINO_DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ include "sordino.fullname" . }}-sessions-app, key: uri}}
- name: SORDINO_KEYS_URL
  valueFrom: {secretKeyRef: {name: {{ include "sordino.fullname" . }}-keys-app, key: uri}}
{{- end }}
{{- with .Values.trustedProxies }}
- {name: SORDINO_TRUSTED_PROXIES, value: {{ join "," . | quote }}}
{{- end }}
{{- range $setting, $secret := include "sordino.tls" . | fromJson }}
- {name: SORDINO_{{ $setting }}_TLS_CERT, value: /run/tls/{{ lower $setting }}/tls.crt}
- {name: SORDINO_{{ $setting }}_TLS_KEY, value: /run/tls/{{ lower $setting }}/tls.key}
{{- end }}
{{- if .Values.tls.postgresql }}
- {name: PGSSLROOTCERT, value: /run/tls/postgresql/ca.crt}
- {name: PGSSLCERT, value: /run/tls/postgresql/tls.crt}
- {name: PGSSLKEY, value: /run/tls/postgresql/tls.key}
{{- end }}
{{- if .Values.tls.botsAuthority }}
- {name: SORDINO_UPSTREAM_TLS_CA, value: /run/tls/authority/ca.crt}
{{- end }}
{{- range $name, $value := ternary (omit .Values.settings "spool") .Values.settings $calls }}
- {name: SORDINO_{{ upper $name }}, value: {{ include "sordino.written" $value | quote }}}
{{- end }}
{{- range .Values.secretEnv }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Kubernetes shows a secret's files to the group; the program takes a key only if nobody else can read it. */}}
{{- define "sordino.placeFiles" -}}
{{- $files := (include "sordino.files" . | fromJson).files -}}
{{- if $files }}
initContainers:
  - name: place-files
    image: {{ include "sordino.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    command:
      - python
      - -c
      - |
        import os, pathlib
        for source in pathlib.Path("/secrets").glob("*/*"):
            target = os.open(f"/run/sordino/{source.name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(target, "wb") as file:
                file.write(source.read_bytes())
    securityContext: {{- include "sordino.securityContext" . | nindent 6 }}
    resources:
      requests: {cpu: 10m, memory: 32Mi}
      limits: {memory: 64Mi}
    volumeMounts:
      - {name: run, mountPath: /run/sordino}
      {{- range $index, $file := $files }}
      - {name: file-{{ $index }}, mountPath: /secrets/{{ $index }}, readOnly: true}
      {{- end }}
{{- end }}
{{- end -}}

{{- define "sordino.volumes" -}}
- name: notice
  configMap: {name: {{ include "sordino.noticeMap" . }}, defaultMode: 0444}
- name: run
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- range $index, $file := (include "sordino.files" . | fromJson).files }}
- name: file-{{ $index }}
  secret: {secretName: {{ $file.secret }}, defaultMode: 0440, items: [{key: {{ $file.key }}, path: {{ lower $file.setting }}}]}
{{- end }}
{{- range $setting, $secret := include "sordino.tls" . | fromJson }}
- name: tls-{{ lower $setting }}
  secret: {secretName: {{ $secret }}, defaultMode: 0440}
{{- end }}
{{- with .Values.tls.postgresql }}
- name: tls-postgresql
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with .Values.tls.botsAuthority }}
- name: tls-authority
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- with .Values.csi.driver }}
- name: csi
  csi: {driver: {{ . }}, readOnly: true, volumeAttributes: {secretProviderClass: {{ $.Values.csi.providerClass }}}}
{{- end }}
{{- end -}}

{{- define "sordino.mounts" -}}
- {name: notice, mountPath: /etc/sordino, readOnly: true}
- {name: run, mountPath: /run/sordino}
- {name: tmp, mountPath: /tmp}
- {name: home, mountPath: /var/lib/sordino}
{{- range $setting, $secret := include "sordino.tls" . | fromJson }}
- {name: tls-{{ lower $setting }}, mountPath: /run/tls/{{ lower $setting }}, readOnly: true}
{{- end }}
{{- if .Values.tls.postgresql }}
- {name: tls-postgresql, mountPath: /run/tls/postgresql, readOnly: true}
{{- end }}
{{- if .Values.tls.botsAuthority }}
- {name: tls-authority, mountPath: /run/tls/authority, readOnly: true}
{{- end }}
{{- if .Values.csi.driver }}
- {name: csi, mountPath: /mnt/secrets, readOnly: true}
{{- end }}
{{- end -}}
