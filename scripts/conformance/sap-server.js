// An OData server for SAP's published metadata, made of SAP's own toolkit (CAP). It knows entities, fields, types,
// lengths and the rules of OData; it has no rules of business. Run by scripts/conformance/sap.
//
// Of SAP's surroundings it plays what a caller meets first: the paths, and a token that belongs to its session.
const cds = require('@sap/cds')
const crypto = require('crypto')
const v2 = require('@cap-js-community/odata-v2-adapter')

const V4 = {
  CE_PURCHASEORDER_0001: '/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001',
  API_SUPPLIERCONFIRMATION_0001:
    '/sap/opu/odata4/sap/api_supplierconfirmation/srvd_a2x/sap/supplierconfirmation/0001',
}
const V2 = {
  '/sap/opu/odata/sap/API_INBOUND_DELIVERY_SRV;v=0002': 'API_INBOUND_DELIVERY_SRV_0002',
  '/sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV': 'API_MATERIAL_DOCUMENT_SRV',
}

// The metadata says "never null" of every field and does not say which fields tie a child to its parent. The server
// keeps what it is told, so it needs the second and must not insist on the first.
cds.on('loaded', (model) => {
  for (const [name, entity] of Object.entries(model.definitions)) {
    if (entity.kind === 'service') {
      if (V4[name]) entity['@path'] = V4[name]
      else if (Object.values(V2).includes(name)) entity['@path'] = name
      continue
    }
    if (entity.kind !== 'entity') continue
    for (const [field, element] of Object.entries(entity.elements || {})) {
      if (element.type === 'cds.Decimal' && element.scale === undefined) delete element.precision
      if (!element.key) {
        delete element.notNull
        delete element['@mandatory']
        delete element['@Common.FieldControl']
      }
      if (element.target && !element.on && !element.keys?.length) tie(model, entity, field, element)
    }
  }
})

function tie(model, entity, field, element) {
  const target = model.definitions[element.target]
  if (!target) return
  const keysOf = (of) => Object.keys(of.elements).filter((key) => of.elements[key].key && !of.elements[key].target)
  const many = element.cardinality?.max === '*'
  const shared = keysOf(many ? entity : target).filter((key) => entity.elements[key] && target.elements[key])
  if (!shared.length) return
  delete element.keys
  element.type = many ? 'cds.Composition' : 'cds.Association'
  element.on = shared.flatMap((key, index) => [
    ...(index ? ['and'] : []),
    { ref: [field, key] },
    '=',
    { ref: [key] },
  ])
}

cds.on('bootstrap', (app) => {
  // Nobody else is to call it.
  const listen = app.listen
  app.listen = (port, done) => listen.call(app, port, '127.0.0.1', done)
  const sessions = new Map()
  app.use((request, response, next) => {
    const session = /SAP_SESSIONID=([^;]+)/.exec(request.headers.cookie || '')?.[1]
    const token = request.headers['x-csrf-token']
    if (request.method === 'GET') {
      if (/^fetch$/i.test(token || '')) {
        const [id, given] = [crypto.randomUUID(), crypto.randomUUID()]
        sessions.set(id, given)
        response.set('x-csrf-token', given).append('set-cookie', `SAP_SESSIONID=${id}; path=/; HttpOnly`)
      }
    } else if (!session || sessions.get(session) !== token) {
      return response.set('x-csrf-token', 'Required').status(403).send('CSRF token validation failed')
    }
    for (const [path, service] of Object.entries(V2)) {
      if (request.url.startsWith(path)) request.url = `/odata/v2/${service}${request.url.slice(path.length)}`
    }
    request.originalUrl = request.url
    next()
  })
  app.use(v2())
})

// Numbers that the real system gives.
const NUMBERS = {
  Confirmation: ['SupplierConfirmation', 5900001000],
  A_InbDeliveryHeader: ['DeliveryDocument', 180001000],
  A_MaterialDocumentHeader: ['MaterialDocument', 5000001000],
}
cds.on('served', (services) => {
  for (const service of Object.values(services)) {
    if (!(service instanceof cds.ApplicationService)) continue
    service.before('CREATE', '*', ({ target, data }) => {
      const numbered = NUMBERS[target.name.split('.').pop()]
      if (numbered) data[numbered[0]] ||= String((numbered[1] += 1))
      if ('MaterialDocumentYear' in target.elements) data.MaterialDocumentYear ||= '2026'
      if ('LastChangeDateTime' in target.elements) data.LastChangeDateTime = new Date().toISOString()
      if (target.name.endsWith('.ConfirmationLine')) data.SupplierConfirmationLine ||= '99'
      fill(data, target)
    })
  }
})

// Children get the keys of their parent, and a count of their own.
function fill(parent, entity) {
  for (const [navigation, element] of Object.entries(entity.elements)) {
    if (!element.isAssociation || !Array.isArray(parent[navigation])) continue
    const keys = Object.keys(element._target.keys).filter((key) => !element._target.elements[key].isAssociation)
    parent[navigation].forEach((child, index) => {
      for (const key of keys) child[key] ??= parent[key] ?? String(index + 1)
      fill(child, element._target)
    })
  }
}

module.exports = cds.server
